namespace TwoTower.Model.Data.Synthetic;

/// <summary>The standard normal distribution.</summary>
internal static class Normal
{
    /// <summary>Probability of more than x, to 1.2e-7 (Press et al., Numerical Recipes, 2nd edition, section 6.2: <c>erfcc</c>).</summary>
    public static double Above(double x)
    {
        var z = Math.Abs(x) / Math.Sqrt(2);
        var t = 1 / (1 + (0.5 * z));
        var tail = t
            * Math.Exp((-z * z) - 1.26551223 + (t * (1.00002368 + (t * (0.37409196 + (t * (0.09678418 + (t * (-0.18628806 + (t * (0.27886807
                + (t * (-1.13520398 + (t * (1.48851587 + (t * (-0.82215223 + (t * 0.17087277))))))))))))))))));
        return 0.5 * (x >= 0 ? tail : 2 - tail);
    }
}
