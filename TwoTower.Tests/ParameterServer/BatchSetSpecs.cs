using CsCheck;
using TwoTower.Actors.ParameterServer;

namespace TwoTower.Tests.ParameterServer;

public class BatchSetSpecs
{
    [Fact]
    public void It_holds_what_a_plain_set_would_hold_in_any_order() =>
        Gen.Int[0, 40].List[0, 80].Sample(numbers =>
        {
            var set = new BatchSet();
            var plain = new HashSet<long>();
            foreach (var number in numbers)
            {
                Assert.Equal(plain.Add(number), set.Add(number));
            }

            for (var number = 0; number <= 41; number++)
            {
                Assert.Equal(plain.Contains(number), set.Contains(number));
            }

            Assert.Equal(plain.Count, set.Frontier + set.Gaps);
            Assert.DoesNotContain(set.Frontier, plain);
        });
}
