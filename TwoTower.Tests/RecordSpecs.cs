using TwoTower.Actors.Options;
using TwoTower.Model.Optimizers;

namespace TwoTower.Tests;

/// <summary>What holds for every record of the product.</summary>
public class RecordSpecs
{
    [Fact]
    // a property of a record's own type is printed by its ToString, which prints that, and so on
    public void No_record_prints_itself_for_ever()
    {
        var endless =
            from assembly in new[] { typeof(OptimizerOptions).Assembly, typeof(TrainingOptions).Assembly,
                typeof(global::TwoTower.Node.Program).Assembly }
            from type in assembly.GetTypes()
            where type.GetMethod("<Clone>$") is not null
            from property in type.GetProperties()
            where property.PropertyType == type && !property.GetMethod!.IsStatic && property.SetMethod is null
                && property.GetIndexParameters().Length == 0
            select $"{type.Name}.{property.Name}";

        Assert.Empty(endless);
    }
}
