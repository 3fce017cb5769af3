namespace TwoTower.Node.Plots;

/// <summary>The style of pages with charts: light or dark as the reader's system is; light on paper.</summary>
internal static class PageStyle
{
    private const string Dark =
        "--ink:#e6e8eb;--faint:#3a3f46;--paper:#16181c;--line1:#5ab0e8;--line2:#f08a4b;--line3:#3fc79a;--line4:#e3a0c8;--line5:#dcb13c;--line6:#8fd0f5;--line7:#b58bcb;--line8:#a8adb5;";

    /// <summary>The style sheet.</summary>
    public static string Css => $$"""
        :root{color-scheme:light dark;{{ChartSvg.Variables}}--soft:#57606a;--warn:#9a6700}
        @media (prefers-color-scheme:dark){:root{ {{Dark}}--soft:#a0a8b2;--warn:#e3b341} }
        @media print{:root{ {{ChartSvg.Variables}}--soft:#57606a;--warn:#9a6700;color-scheme:light}figure,tr{break-inside:avoid}h2{break-after:avoid}.wide{overflow:visible!important}table{font-size:8pt} }
        body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",sans-serif}
        h1{font-size:1.6rem;margin:0}h2{font-size:1.25rem;margin:2.5rem 0 .5rem;border-bottom:1px solid var(--faint)}
        p,figcaption{color:var(--soft);max-width:60rem}.warn{color:var(--warn)}.wide{overflow-x:auto}
        table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--faint);white-space:nowrap}
        th{font-weight:600;vertical-align:bottom}th:first-child,td:first-child,td.text{text-align:left}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(30rem,100%),1fr));gap:1.5rem}figure{margin:0}figure svg{width:100%;height:auto;display:block}figcaption{font-size:.8rem}
        code{font-size:.85em;overflow-wrap:anywhere}
        """;
}
