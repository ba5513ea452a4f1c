namespace StreamingPg.Bench;

/// <summary>Tells how far the run is, on standard error: standard output is for the table.</summary>
internal static class Log
{
    public static void Write(string line) => Console.Error.WriteLine(line);
}
