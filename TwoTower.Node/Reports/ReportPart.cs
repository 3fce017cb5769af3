using TwoTower.Node.Plots;

namespace TwoTower.Node.Reports;

/// <summary>A part of a report, before it is HTML or Markdown. Its texts are plain: whoever renders them sees to it that
/// nothing in them is taken for markup.</summary>
internal abstract record ReportPart
{
    /// <summary>A heading.</summary>
    /// <param name="Text">Its text.</param>
    /// <param name="Level">1 for the title.</param>
    public sealed record Heading(string Text, int Level = 2) : ReportPart;

    /// <summary>A paragraph.</summary>
    /// <param name="Text">Its text.</param>
    public sealed record Prose(string Text) : ReportPart;

    /// <summary>A table; its first column is text.</summary>
    /// <param name="Head">Names of the columns.</param>
    /// <param name="Rows">The rows, each as long as the head.</param>
    /// <param name="IsText">Whether all columns are text.</param>
    public sealed record Table(IReadOnlyList<string> Head, IReadOnlyList<string[]> Rows, bool IsText = false) : ReportPart;

    /// <summary>Charts beside each other.</summary>
    /// <param name="Charts">The charts; their names are different over the report.</param>
    public sealed record Figures(IReadOnlyList<Chart> Charts) : ReportPart;
}
