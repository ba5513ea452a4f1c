using StreamingPg.Cli.Infrastructure;

namespace StreamingPg.Tests.Unit.Doors;

/// <summary>How far a command is stands in a terminal until it has something to say, and not before it on the same line. Nobody else may write to the console meanwhile.</summary>
[CollectionDefinition(nameof(TerminalLineTests), DisableParallelization = true)]
[Collection(nameof(TerminalLineTests))]
public sealed class TerminalLineTests
{
    [Fact]
    public void A_line_for_now_is_wiped_before_a_result_and_before_a_warning()
    {
        var (output, error) = (Console.Out, Console.Error);
        using var terminal = new StringWriter { NewLine = "\n" };
        try
        {
            Console.SetOut(terminal);
            Console.SetError(terminal);
            ErrorOutput.ShowForNow("half done");
            new ResultWriter(json: false, tellsOfCommittedWork: false).Say("done");
            ErrorOutput.ShowForNow("again");
            ErrorOutput.WriteLine("a warning");
            ErrorOutput.Wipe();
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }

        Assert.Equal("\rhalf done\r         \rdone\n\ragain\r     \ra warning\n", terminal.ToString().Replace(Environment.NewLine, "\n", StringComparison.Ordinal));
    }
}
