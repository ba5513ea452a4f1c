namespace StreamingPg.Cli.Infrastructure;

/// <summary>Standard error. That it cannot be written (a full disk) never decides what becomes of a command.</summary>
internal static class ErrorOutput
{
    /// <summary>Writes a line.</summary>
    public static void WriteLine(string line) => Write(line + Environment.NewLine);

    /// <summary>Writes text.</summary>
    public static void Write(string text)
    {
        try
        {
            Console.Error.Write(text);
        }
        catch (IOException)
        {
            // There is nowhere left to say so; the exit code does.
        }
    }
}
