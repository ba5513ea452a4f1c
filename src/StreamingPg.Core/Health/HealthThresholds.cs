using System.Text.Json;

namespace StreamingPg.Core.Health;

/// <summary>From which values on health checks warn.</summary>
internal sealed class HealthThresholds
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly Dictionary<string, HealthCheck> _checks;

    private HealthThresholds(Dictionary<string, HealthCheck> checks) => _checks = checks;

    /// <summary>Those that are taken when nobody says otherwise.</summary>
    public static HealthThresholds Default { get; } =
        new(HealthCheck.All.ToDictionary(check => check.Name, StringComparer.OrdinalIgnoreCase));

    /// <summary>Reads thresholds from a JSON file such as <c>{"Connections": [0.7, 0.9]}</c>; the others stay as they are.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="StreamingException">The file cannot be read, or is not of this form.</exception>
    public HealthThresholds Load(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Lenient);
            return document.RootElement.EnumerateObject().Aggregate(
                this,
                (thresholds, check) => check.Value.ValueKind == JsonValueKind.Array && check.Value.GetArrayLength() == 2
                    ? thresholds.With(check.Name, check.Value[0].GetDouble(), check.Value[1].GetDouble())
                    : throw Unusable(path, $"\"{check.Name}\" is not a list of two numbers."));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw Unusable(path, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StreamingException(
                "ThresholdFileUnreadable", StreamingErrorKind.NotFound, $"The file {path} cannot be read: {exception.Message}", "Check its path and rights.", path);
        }
    }

    /// <summary>The same with other thresholds for one check.</summary>
    /// <param name="name">Name of the check.</param>
    /// <param name="warning">Beyond this it is a warning.</param>
    /// <param name="critical">Beyond this it is critical.</param>
    /// <exception cref="StreamingException">There is no such check, or the two are the wrong way round.</exception>
    public HealthThresholds With(string name, double warning, double critical)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!_checks.TryGetValue(name, out var check))
        {
            throw new StreamingException(
                "UnknownHealthCheck",
                StreamingErrorKind.InvalidInput,
                $"There is no health check \"{name}\".",
                $"It is one of {string.Join(", ", HealthCheck.All.Select(known => known.Name))}.",
                name);
        }

        if (double.IsNaN(warning) || double.IsNaN(critical) || (check.LowerIsWorse ? critical > warning : critical < warning))
        {
            throw new StreamingException(
                "InvalidThreshold",
                StreamingErrorKind.InvalidInput,
                $"{check.Name} cannot warn at {warning} and be critical at {critical}.",
                $"The first number is for a warning, the second, which is not {(check.LowerIsWorse ? "larger" : "smaller")}, for critical.",
                name);
        }

        return new HealthThresholds(new Dictionary<string, HealthCheck>(_checks, StringComparer.OrdinalIgnoreCase)
        {
            [check.Name] = check with { Warning = warning, Critical = critical },
        });
    }

    /// <summary>A check with its thresholds.</summary>
    internal HealthCheck Of(string name) => _checks[name];

    private static StreamingException Unusable(string path, string why) => new(
        "InvalidThresholdFile",
        StreamingErrorKind.InvalidInput,
        $"The file {path} does not hold thresholds: {why}",
        "Its form is {\"Connections\": [0.7, 0.9], \"FreeDisk\": [0.2, 0.1]}: for each check the values for a warning and for critical.",
        path);
}
