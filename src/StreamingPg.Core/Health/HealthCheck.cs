using System.Text.Json;
using StreamingPg.Core.Files;

namespace StreamingPg.Core.Health;

/// <summary>A kind of health check.</summary>
/// <param name="Name">Name; thresholds go by it.</param>
/// <param name="Unit">What its value counts.</param>
/// <param name="Warning">Beyond this it is a warning.</param>
/// <param name="Critical">Beyond this it is critical.</param>
/// <param name="LowerIsWorse">True when beyond means below.</param>
internal sealed record HealthCheck(string Name, HealthUnit Unit, double Warning, double Critical, bool LowerIsWorse = false)
{
    /// <summary>Time to open a connection.</summary>
    internal const string Connection = "Connection";

    /// <summary>Time since the last commit of a batch; its thresholds are multiples of the schedule's interval.</summary>
    internal const string BatchAge = "BatchAge";

    /// <summary>Largest delay of a batch among the latest; its thresholds are multiples of the schedule's interval.</summary>
    internal const string Lag = "Lag";

    /// <summary>Share of batches that stopped midway.</summary>
    internal const string FailureRate = "FailureRate";

    /// <summary>Repeats per batch.</summary>
    internal const string RetryRate = "RetryRate";

    /// <summary>Days until a sequence has no value left, at the present rate.</summary>
    internal const string SequenceDays = "SequenceDays";

    /// <summary>Share of a sequence's values that are given.</summary>
    internal const string SequenceUsed = "SequenceUsed";

    /// <summary>Share of a table's rows that are dead.</summary>
    internal const string DeadRows = "DeadRows";

    /// <summary>Share of a table that its rows would not need, estimated.</summary>
    internal const string Bloat = "Bloat";

    /// <summary>Time since the last vacuum of a table that is due for one.</summary>
    internal const string LastVacuum = "LastVacuum";

    /// <summary>Time since the last analyze of a table that is due for one.</summary>
    internal const string LastAnalyze = "LastAnalyze";

    /// <summary>Share of the connections that are taken.</summary>
    internal const string Connections = "Connections";

    /// <summary>WAL that a standby has yet to replay.</summary>
    internal const string ReplicationLag = "ReplicationLag";

    /// <summary>WAL that a replication slot holds.</summary>
    internal const string ReplicationSlot = "ReplicationSlot";

    /// <summary>1 for a server of a Citus cluster that does not answer.</summary>
    internal const string ShardNode = "ShardNode";

    /// <summary>How long a distributed transaction of Citus has been unfinished.</summary>
    internal const string ShardCommit = "ShardCommit";

    /// <summary>Share of Citus's shards that would have to move.</summary>
    internal const string ShardBalance = "ShardBalance";

    /// <summary>Share of the disk that is free.</summary>
    internal const string FreeDisk = "FreeDisk";

    private const double Day = 24 * 60 * 60;

    /// <summary>All kinds, in the order they are run.</summary>
    public static IReadOnlyList<HealthCheck> All { get; } =
    [
        new(Connection, HealthUnit.Seconds, 1, 5),
        new(BatchAge, HealthUnit.Seconds, 3, 10),
        new(Lag, HealthUnit.Seconds, 5, 20),
        new(FailureRate, HealthUnit.Share, 0, 0.05),
        new(RetryRate, HealthUnit.PerBatch, 0.1, 1),
        new(SequenceDays, HealthUnit.Days, 90, 14, LowerIsWorse: true),
        new(SequenceUsed, HealthUnit.Share, 0.8, 0.95),
        new(DeadRows, HealthUnit.Share, 0.2, 0.5),
        new(Bloat, HealthUnit.Share, 0.5, 0.8),
        new(LastVacuum, HealthUnit.Seconds, Day, 7 * Day),
        new(LastAnalyze, HealthUnit.Seconds, Day, 7 * Day),
        new(Connections, HealthUnit.Share, 0.8, 0.95),
        new(ReplicationLag, HealthUnit.Bytes, 100 << 20, 1 << 30),
        new(ReplicationSlot, HealthUnit.Bytes, 1L << 30, 10L << 30),
        new(ShardNode, HealthUnit.Share, 0, 0),
        new(ShardCommit, HealthUnit.Seconds, 60, 600),
        new(ShardBalance, HealthUnit.Share, 0.1, 0.5),
        new(FreeDisk, HealthUnit.Share, 0.1, 0.05, LowerIsWorse: true),
    ];
}

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
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            throw UserFile.Error(
                ErrorIds.ThresholdFileUnreadable, StreamingErrorKind.NotFound, $"The file {path} cannot be read", "Check its path and your permissions.", path, exception);
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
                ErrorIds.UnknownHealthCheck,
                StreamingErrorKind.InvalidInput,
                $"There is no health check \"{name}\".",
                $"Use one of {string.Join(", ", HealthCheck.All.Select(known => known.Name))}.",
                name);
        }

        if (double.IsNaN(warning) || double.IsNaN(critical) || (check.LowerIsWorse ? critical > warning : critical < warning))
        {
            throw new StreamingException(
                ErrorIds.InvalidThreshold,
                StreamingErrorKind.InvalidInput,
                $"{check.Name} cannot have the thresholds {warning} (warning) and {critical} (critical).",
                $"The first number is for a warning, the second for critical; it must not be {(check.LowerIsWorse ? "larger" : "smaller")} than the first.",
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
        ErrorIds.InvalidThresholdFile,
        StreamingErrorKind.InvalidInput,
        $"The file {path} is not a valid threshold file: {why}",
        "Use the form {\"Connections\": [0.7, 0.9], \"FreeDisk\": [0.2, 0.1]}: for each check, the values for a warning and for critical.",
        path);
}
