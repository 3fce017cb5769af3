using System.CommandLine;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower completions</c>: scripts by which shells complete command lines. Each asks the program itself, by
/// System.CommandLine's directive <c>[suggest]</c>, so none goes stale.</summary>
internal static class CompletionsCommand
{
    private static readonly (string Shell, string Script)[] s_scripts =
    [
        ("bash", """
            # Completions of twotower for bash. In ~/.bashrc: eval "$(twotower completions bash)"
            _twotower() {
                local line="${COMP_LINE:0:COMP_POINT}" word cut reply IFS=$'\n'
                word="${line##* }"
                # bash cuts words at = and :, and puts a reply behind the cut.
                cut="${word%"${word##*[=:]}"}"
                COMPREPLY=()
                for reply in $(compgen -W "$(twotower "[suggest:${#line}]" "$line" 2>/dev/null)" -- "$word"); do
                    COMPREPLY+=("${reply#"$cut"}")
                done
                if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
            }
            complete -o default -F _twotower twotower
            """),
        ("zsh", """
            #compdef twotower
            # Completions of twotower for zsh. In ~/.zshrc, after compinit: eval "$(twotower completions zsh)"
            _twotower() {
                local line="${(j: :)words[1,CURRENT]}"
                local -a found keys
                found=(${(f)"$(twotower "[suggest:${#line}]" "$line" 2>/dev/null)"})
                keys=(${(M)found:#*=})
                found=(${found:#*=})
                compadd -Q -- $found
                compadd -Q -S '' -- $keys
                (( $#found + $#keys )) || _files
            }
            compdef _twotower twotower
            """),
        ("fish", """
            # Completions of twotower for fish: twotower completions fish > ~/.config/fish/completions/twotower.fish
            function __twotower_suggestions
                set -l line (commandline -cp)
                set -l found (twotower "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null | string match -r '.+')
                if test (count $found) -gt 0
                    string join \n -- $found
                else
                    __fish_complete_path (commandline -ct)
                end
            end
            complete -c twotower -f -a '(__twotower_suggestions)'
            """),
        ("powershell", """
            # Completions of twotower for PowerShell. In $PROFILE: twotower completions powershell | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName twotower -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $line = "$commandAst".PadRight($cursorPosition)
                twotower "[suggest:$cursorPosition]" "$line" 2>$null | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """),
    ];

    private static string Shells => string.Join(", ", s_scripts.Select(known => known.Shell));

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = Shells, HelpName = "shell" };
        shell.CompletionSources.Add([.. s_scripts.Select(known => known.Shell)]);
        var command = new Command("completions", """
            Print a script by which a shell completes twotower's commands, options, settings and their values.

            Examples:
              eval "$(twotower completions bash)"
              twotower completions fish > ~/.config/fish/completions/twotower.fish
            """) { shell };
        command.SetAction(parsed =>
        {
            var wanted = parsed.GetValue(shell)!;
            var script = s_scripts.FirstOrDefault(known => known.Shell.Equals(wanted is "pwsh" ? "powershell" : wanted,
                StringComparison.OrdinalIgnoreCase)).Script
                ?? throw new SettingException($"There are no completions for '{wanted}'; there are some for {Shells}.");
            Console.Write(script.ReplaceLineEndings("\n") + "\n");
            return ExitCode.Success;
        });
        return command;
    }
}
