using System.Text.Json;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Standard error. That it cannot be written (a full disk) never decides what becomes of a command.</summary>
internal static class ErrorOutput
{
    private static readonly object Gate = new();
    private static int _shown;

    /// <summary>Shows a line until anything else is written, here or to standard output of the same terminal.</summary>
    public static void ShowForNow(string line)
    {
        lock (Gate)
        {
            Write("\r" + line.PadRight(_shown));
            _shown = line.Length;
        }
    }

    /// <summary>Wipes the line that is shown for now, if there is one.</summary>
    public static void Wipe()
    {
        lock (Gate)
        {
            if (_shown > 0)
            {
                Write("\r" + new string(' ', _shown) + "\r");
                _shown = 0;
            }
        }
    }

    /// <summary>Writes a line.</summary>
    public static void WriteLine(string line)
    {
        lock (Gate)
        {
            Wipe();
            Write(line + Environment.NewLine);
        }
    }

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

    /// <summary>Reports an error.</summary>
    public static void Report(StreamingException exception, bool json)
    {
        if (json)
        {
            var error = new ErrorLine(new ErrorBody(exception.ErrorId, exception.Kind, exception.Message, exception.Remedy, exception.Target as Guid?));
            WriteLine(JsonSerializer.Serialize(error, OutputJson.Lines.ErrorLine));
        }
        else
        {
            WriteLine($"streamingpg: {DisplayText.Plain(exception.Message)}");
        }
    }

    /// <summary>Reports that a command was cancelled, and what a batch of it left behind.</summary>
    public static void Report(BatchCancelledException? batch, bool json)
    {
        if (json)
        {
            var chunks = batch?.Chunks;
            var body = new CancelledBody(
                batch?.Message ?? "Cancelled.", chunks?.BatchId, chunks?.Loaded ?? [], chunks?.InDoubt ?? [], chunks?.Count, chunks?.Remedy ?? "");
            WriteLine(JsonSerializer.Serialize(new CancelledLine(body), OutputJson.Lines.CancelledLine));
        }
        else
        {
            WriteLine(batch is null ? "streamingpg: cancelled" : $"streamingpg: {batch.Message}");
        }
    }
}

/// <summary>Shows warnings on standard error and hands every event to the log, if there is one.</summary>
internal sealed class EventOutput(EventLog? log) : IProgress<BatchEvent>, IDisposable
{
    /// <summary>Writes a warning.</summary>
    public static void Warn(string text) => ErrorOutput.WriteLine($"streamingpg: warning: {DisplayText.Plain(text)}");

    /// <inheritdoc/>
    public void Report(BatchEvent value)
    {
        if (value.IsWarning)
        {
            Warn(value.Text);
        }

        log?.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose() => log?.Dispose();
}

/// <summary>An error as a JSON line.</summary>
/// <param name="Error">What went wrong.</param>
internal sealed record ErrorLine(ErrorBody Error);

/// <summary>What went wrong, for a program that reads it.</summary>
/// <param name="Id">Stable id such as <c>ConnectionRefused</c>.</param>
/// <param name="Kind">What kind of thing went wrong.</param>
/// <param name="Message">Problem and remedy in words.</param>
/// <param name="Remedy">What to do; may be empty.</param>
/// <param name="BatchId">The batch concerned; null when it is none.</param>
internal sealed record ErrorBody(string Id, StreamingErrorKind Kind, string Message, string Remedy, Guid? BatchId);

/// <summary>The end of a cancelled command as a JSON line.</summary>
/// <param name="Cancelled">What it left behind.</param>
internal sealed record CancelledLine(CancelledBody Cancelled);

/// <summary>What a cancelled command left behind, for a program that reads it.</summary>
/// <param name="Message">What happened, in words.</param>
/// <param name="BatchId">The batch of which chunks are committed; null when nothing is.</param>
/// <param name="LoadedChunks">These chunks, counted from 1.</param>
/// <param name="ChunksInDoubt">Chunks whose commit the server did not answer.</param>
/// <param name="Chunks">Chunks of the whole batch.</param>
/// <param name="Remedy">How to load the rest; may be empty.</param>
internal sealed record CancelledBody(
    string Message, Guid? BatchId, IReadOnlyList<int> LoadedChunks, IReadOnlyList<int> ChunksInDoubt, int? Chunks, string Remedy);
