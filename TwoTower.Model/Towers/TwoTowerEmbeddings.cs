using TwoTower.Model.Options;

namespace TwoTower.Model.Towers;

/// <summary>The vectors that scoring needs: <c>score(u, i) = dot(Users[u], Items[i])</c>. Normalisation is already applied, and an
/// item bias, when the model has one, is a last column (1 on the user side).</summary>
/// <param name="Users">Row-major [users, Dim].</param>
/// <param name="Items">Row-major [items, Dim].</param>
/// <param name="Dim">Columns of both.</param>
public sealed record TwoTowerEmbeddings(float[] Users, float[] Items, int Dim)
{
    /// <summary>The temperature of the model that these are of, when it was learned.</summary>
    public double? Temperature { get; init; }

    /// <summary>What scores are divided by: the temperature that was learned, or that of the loss.</summary>
    public double TemperatureUnder(LossOptions loss) => Temperature ?? loss.Temperature;

    /// <summary>The vectors by which items count in a user's history, raw, row-major [items, the model's dim]; null when users are ids
    /// alone. <see cref="HistoryVectors"/> makes a new user's vector of them.</summary>
    public float[]? ItemHistories { get; init; }

    /// <summary>Number of user rows.</summary>
    public int UserCount => Users.Length / Dim;

    /// <summary>Number of item rows.</summary>
    public int ItemCount => Items.Length / Dim;
}
