using System.Globalization;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Puts events into words: warnings, else verbose text; the figures go to the debug stream. The log gets them whole.</summary>
internal sealed class EventWriter : IProgress<BatchEvent>, IDisposable
{
    private readonly IStreamOutput _output;
    private readonly EventLog? _log;

    /// <param name="output">Where the words go.</param>
    /// <param name="logPath">File of the log, or null.</param>
    public EventWriter(IStreamOutput output, string? logPath)
    {
        _output = output;
        _log = logPath is null ? null : new EventLog(logPath, output.Warning);
    }

    /// <inheritdoc/>
    public void Report(BatchEvent value)
    {
        if (value.IsWarning)
        {
            _output.Warning(value.Text);
        }
        else
        {
            _output.Verbose(value.Text);
        }

        var figures = value.Figures.Select(static figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Key}={figure.Value}"));
        _output.Debug($"{value.Name} {string.Join(' ', figures)}");
        _log?.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose() => _log?.Dispose();
}
