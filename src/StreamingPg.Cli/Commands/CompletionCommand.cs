using System.CommandLine;
using StreamingPg.Cli.Infrastructure;

namespace StreamingPg.Cli.Commands;

/// <summary>The shells that can complete the command line.</summary>
internal enum Shell
{
    /// <summary>GNU Bash.</summary>
    Bash,

    /// <summary>Z shell.</summary>
    Zsh,

    /// <summary>fish.</summary>
    Fish,

    /// <summary>PowerShell.</summary>
    Pwsh,
}

/// <summary>Prints what a shell must run to complete <c>streamingpg</c>; and, for that, the words at a place of a command line.</summary>
internal static class CompletionCommand
{
    // What a shell gets when a file is meant: it completes those better than we.
    private const string Files = ":files";

    private const string Bash = """
        _streamingpg() {
            local words
            words=$(streamingpg completion --line "$COMP_LINE" --position "$COMP_POINT" 2>/dev/null | cut -f 1)
            if [ "$words" = ":files" ]; then
                compopt -o default
                COMPREPLY=()
                return
            fi
            local IFS=$'\n'
            COMPREPLY=($words)
            local word
            for word in "${!COMPREPLY[@]}"; do
                case ${COMPREPLY[word]} in *[!A-Za-z0-9_.,=:/@-]*) COMPREPLY[word]=$(printf '%q' "${COMPREPLY[word]}") ;; esac
            done
        }
        complete -F _streamingpg streamingpg
        """;

    private const string Zsh = """
        #compdef streamingpg
        _streamingpg() {
            local output
            output=$(streamingpg completion --line "$BUFFER" --position "$CURSOR" 2>/dev/null)
            if [ "$output" = ":files" ]; then
                _files
                return
            fi
            [ -n "$output" ] || return
            local -a lines words shown
            lines=("${(@f)output}")
            words=("${(@)lines%%$'\t'*}")
            shown=("${(@)lines/$'\t'/  }")
            compadd -V words -l -d shown -a words
        }
        compdef _streamingpg streamingpg
        """;

    private const string Fish = """
        function __streamingpg_words
            set -l line (commandline -cp)
            set -l words (streamingpg completion --line "$line" --position (string length -- "$line") 2>/dev/null)
            if test "$words" = ":files"
                __fish_complete_path (commandline -ct)
            else
                string join \n -- $words
            end
        end
        complete -c streamingpg -k -f -a '(__streamingpg_words)'
        """;

    private const string Pwsh = """
        Register-ArgumentCompleter -Native -CommandName streamingpg -ScriptBlock {
            param($word, $line, $position)
            $start = $line.Extent.StartOffset
            $text = $line.Extent.Text.PadRight([Math]::Max(0, $position - $start))
            $words = @(streamingpg completion --line $text --position ($position - $start) 2>$null)
            if ($words.Count -eq 1 -and $words[0] -eq ':files') { return }
            foreach ($one in $words) {
                $value, $tip = $one -split "`t", 2
                $quoted = if ($value -match '[\s;,(){}@#&|<>*]') { "'$($value -replace "'", "''")'" } else { $value }
                [System.Management.Automation.CompletionResult]::new($quoted, $value, 'ParameterValue', ($tip ? $tip : $value))
            }
        }
        """;

    private static readonly Argument<Shell?> ShellArgument = new("shell")
    {
        Description = "Shell to complete in",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Line = new("--line") { Description = "Command line to complete, from streamingpg on", HelpName = "text" };
    private static readonly Option<int?> Position = NumberOption.Create("--position", "Place of the cursor in --line, in characters", 0, int.MaxValue);

    public static Command Create()
    {
        var command = new StreamingCommand(
            "completion",
            "Prints a script that makes a shell complete streamingpg: commands, options, tables of --metadata, batches, schemas, checks. "
            + "With --line, prints the words that can stand at --position, each with a tab and what it is, or :files where a file is meant.",
            "completion bash > /etc/bash_completion.d/streamingpg",
            "completion zsh > \"${fpath[1]}/_streamingpg\"",
            "completion fish > ~/.config/fish/completions/streamingpg.fish",
            "completion pwsh | Out-String | Invoke-Expression");
        command.Add(ShellArgument);
        command.AddOptions(Line, Position);
        command.Check(result =>
        {
            if (result.GetValue(ShellArgument) is null == result.GetValue(Line) is null)
            {
                result.AddError("Name a shell (bash, zsh, fish or pwsh), or give --line.");
            }
        });
        command.Run(async (parsed, _, cancellationToken) =>
        {
            var text = parsed.GetValue(Line) is { } line
                ? Words(line, parsed.GetValue(Position) ?? line.Length)
                : Script(parsed.GetValue(ShellArgument)!.Value);
            await Console.Out.WriteAsync(text.AsMemory(), cancellationToken).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static string Words(string line, int position)
    {
        var words = Completions.At(CommandTree.Create(), line, position) ?? [new CompletionWord(Files)];
        return string.Concat(words.Select(static word => (word.Tip.Length == 0 ? word.Text : $"{word.Text}\t{DisplayText.Plain(word.Tip).ReplaceLineEndings(" ")}") + "\n"));
    }

    private static string Script(Shell shell) => shell switch
    {
        Shell.Bash => Bash,
        Shell.Zsh => Zsh,
        Shell.Fish => Fish,
        _ => Pwsh,
    } + "\n";
}
