using TwoTower.Model.Options;

namespace TwoTower.Model.Sampling;

/// <summary>Fits how recent and all-time popularity are mixed in the prior to what was liked next, within train alone.</summary>
/// <remarks>
/// At each of 64 moments of train, the positives until the next one are drawn from softmax(a · log recent + b · log all-time) over the
/// items that had been liked before (a conditional logit: McFadden 1974). The positives of one user between two moments are a visit and
/// count as one, as a user does in every metric. a and b have the greatest likelihood under a normal prior around (1, 0) whose precision is
/// <see cref="Caution"/>: with few visits they stay at plain recent popularity. The likelihood is concave; Newton's method with halved
/// steps finds its one maximum. Users who were not there before the moment are another crowd: they begin with what everybody has seen.
/// Those who return have that behind them, and among what is left recent popularity counts for more and all-time popularity against an
/// item. Everybody who is ranked for has a past. Weights are rounded to a thousandth, so that what is printed is what was used, and the
/// order of a sum has no say.
/// </remarks>
internal static class PriorWeightFit
{
    private const int Moments = 64;

    /// <summary>The first tenth of train only makes popularity known.</summary>
    private const int FirstMoment = 6;

    /// <summary>Visits that the plain prior is worth.</summary>
    private const double Caution = 100;

    /// <summary>An item with fewer positives before a moment takes no part: how new items are found is another question
    /// than how known ones are ordered.</summary>
    private const int LeastPositives = 6;

    private const int MostValues = 1 << 24;

    /// <summary>The weights for a model's prior.</summary>
    /// <param name="model">Window and smoothing of the prior, and whose positives count.</param>
    /// <param name="set">The train positives.</param>
    public static PriorWeights Of(ModelOptions model, TrainingSet set)
    {
        var moments = Math.Min(Moments, MostValues / Math.Max(1, set.Items));
        if (model.PriorFit == PriorFit.Off || set.Log.Count == 0 || moments <= FirstMoment)
        {
            return PriorWeights.Plain;
        }

        var choices = Choices(model, set, moments);
        var point = Point.At(1, 0, choices);
        for (var turn = 0; turn < 100 && point.Step(out var recent, out var allTime); turn++)
        {
            var next = point;
            for (var share = 1.0; share > 1e-9; share /= 2)
            {
                next = Point.At(point.Recent + (share * recent), point.AllTime + (share * allTime), choices);
                if (next.Likelihood > point.Likelihood)
                {
                    break;
                }
            }

            if (!(next.Likelihood > point.Likelihood))
            {
                break;
            }

            point = next;
        }

        return new PriorWeights(Math.Round(point.Recent, 3), Math.Round(point.AllTime, 3), choices.Sum(choice => choice.Visits));
    }

    private static List<Choice> Choices(ModelOptions model, TrainingSet set, int moments)
    {
        var popularity = new RollingPopularity(model, set);
        var firstPlace = new int[set.Users];
        Array.Fill(firstPlace, int.MaxValue);
        for (var place = set.Log.Count - 1; place >= 0; place--)
        {
            firstPlace[set.Log.Users[popularity.ExampleAt(place)]] = place;
        }

        var choices = new List<Choice>();
        for (var moment = FirstMoment; moment < moments; moment++)
        {
            var (from, to) = (popularity.FirstOf(moment, moments), popularity.FirstOf(moment + 1, moments));
            popularity.MoveTo(from);
            var candidates = Enumerable.Range(0, set.Items).Where(item => popularity.CountOf(item) >= LeastPositives).ToArray();
            var examples = Enumerable.Range(from, to - from).Select(popularity.ExampleAt)
                .Where(example => popularity.CountOf(set.Log.Items[example]) >= LeastPositives)
                .Where(example => model.PriorFit == PriorFit.All || firstPlace[set.Log.Users[example]] < from).ToArray();
            if (examples.Length > 0)
            {
                choices.Add(Choice.Of(candidates, popularity, set, examples));
            }
        }

        return choices;
    }

    /// <summary>What was liked after a moment, of what could be.</summary>
    /// <param name="Recent">Log of recent popularity of every candidate.</param>
    /// <param name="AllTime">Log of all-time popularity of every candidate.</param>
    /// <param name="Liked">How often each was liked, a visit counting as one.</param>
    /// <param name="Visits">Visits.</param>
    private sealed record Choice(double[] Recent, double[] AllTime, double[] Liked, int Visits)
    {
        /// <summary>Shares of a visit are whole numbers of this part, so that the order in which they are added changes nothing.</summary>
        private const double Whole = 1L << 40;

        public static Choice Of(int[] candidates, RollingPopularity popularity, TrainingSet set, int[] examples)
        {
            var perUser = examples.CountBy(example => set.Log.Users[example]).ToDictionary();
            var shares = new Dictionary<int, long>();
            foreach (var example in examples)
            {
                var item = set.Log.Items[example];
                shares[item] = shares.GetValueOrDefault(item) + (long)(Whole / perUser[set.Log.Users[example]]);
            }

            return new Choice(
                [.. candidates.Select(popularity.LogRecent)], [.. candidates.Select(popularity.LogAllTime)],
                [.. candidates.Select(item => shares.GetValueOrDefault(item) / Whole)], perUser.Count);
        }
    }

    /// <summary>The penalised log likelihood at two weights, with its first and second derivatives.</summary>
    private readonly record struct Point(double Recent, double AllTime, double Likelihood, double SlopeRecent, double SlopeAllTime,
        double CurveRecent, double CurveBoth, double CurveAllTime)
    {
        public static Point At(double recent, double allTime, List<Choice> choices)
        {
            var (value, slopeX, slopeY) = (-Caution / 2 * (((recent - 1) * (recent - 1)) + (allTime * allTime)), -Caution * (recent - 1),
                -Caution * allTime);
            var (curveXX, curveXY, curveYY) = (Caution, 0.0, Caution);
            foreach (var choice in choices)
            {
                var logits = new double[choice.Recent.Length];
                for (var n = 0; n < logits.Length; n++)
                {
                    logits[n] = (recent * choice.Recent[n]) + (allTime * choice.AllTime[n]);
                }

                var greatest = logits.Max();
                double sum = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0, liked = 0;
                for (var n = 0; n < logits.Length; n++)
                {
                    var (chance, first, second, times) = (Math.Exp(logits[n] - greatest), choice.Recent[n], choice.AllTime[n],
                        choice.Liked[n]);
                    (sum, x, y) = (sum + chance, x + (chance * first), y + (chance * second));
                    (xx, xy, yy) = (xx + (chance * first * first), xy + (chance * first * second), yy + (chance * second * second));
                    (value, slopeX, slopeY, liked) = (value + (times * (logits[n] - greatest)), slopeX + (times * first),
                        slopeY + (times * second), liked + times);
                }

                (x, y, xx, xy, yy) = (x / sum, y / sum, xx / sum, xy / sum, yy / sum);
                (value, slopeX, slopeY) = (value - (liked * Math.Log(sum)), slopeX - (liked * x), slopeY - (liked * y));
                (curveXX, curveXY, curveYY) = (curveXX + (liked * (xx - (x * x))), curveXY + (liked * (xy - (x * y))),
                    curveYY + (liked * (yy - (y * y))));
            }

            return new Point(recent, allTime, value, slopeX, slopeY, curveXX, curveXY, curveYY);
        }

        /// <summary>Newton's step from here.</summary>
        /// <returns>Whether it goes anywhere.</returns>
        public bool Step(out double recent, out double allTime)
        {
            var determinant = (CurveRecent * CurveAllTime) - (CurveBoth * CurveBoth);
            recent = ((CurveAllTime * SlopeRecent) - (CurveBoth * SlopeAllTime)) / determinant;
            allTime = ((CurveRecent * SlopeAllTime) - (CurveBoth * SlopeRecent)) / determinant;
            return Math.Abs(recent) + Math.Abs(allTime) > 1e-6;
        }
    }
}
