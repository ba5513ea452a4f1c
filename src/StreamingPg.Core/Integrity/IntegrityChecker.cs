using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>Looks for rows that break referential integrity, uniqueness, sequences or business rules.</summary>
internal static class IntegrityChecker
{
    /// <summary>
    /// Runs every check that fits the model, table by table in loading order; results come as soon as they are known. All
    /// checks see one snapshot, so that batches which commit meanwhile cause no false findings. Nothing is changed.
    /// </summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="cancellationToken">Cancels the running query.</param>
    /// <exception cref="StreamingException">A table is missing, or the server refused a query.</exception>
    public static IAsyncEnumerable<IntegrityResult> CheckAsync(
        DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken) =>
        CheckAsync(connection, model, [], cancellationToken);

    /// <summary>Runs those checks whose names match, as the other overload runs all.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="checks">Names of checks, <c>*</c> for any text and <c>?</c> for any character; empty means all.</param>
    /// <param name="cancellationToken">Cancels the running query.</param>
    /// <exception cref="StreamingException">A table is missing, no check has such a name, or the server refused a query.</exception>
    public static IAsyncEnumerable<IntegrityResult> CheckAsync(
        DatabaseConnection connection, StreamModel model, IReadOnlyList<string> checks, CancellationToken cancellationToken) =>
        CheckAsync(connection, model, new IntegrityOptions { Checks = checks }, cancellationToken);

    /// <summary>Runs the checks that the options select, on the rows that they select.</summary>
    /// <inheritdoc cref="CheckAsync(DatabaseConnection, StreamModel, IReadOnlyList{string}, CancellationToken)"/>
    public static async IAsyncEnumerable<IntegrityResult> CheckAsync(
        DatabaseConnection connection,
        StreamModel model,
        IntegrityOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var stored = await ReadLayoutAsync(connection, model, cancellationToken).ConfigureAwait(false);
        await using var sessions = await CheckSessions.BeginAsync(connection, options.Parallel, cancellationToken).ConfigureAwait(false);
        await using var run = new IntegrityRun(sessions, connection, stored, options, cancellationToken);
        await foreach (var result in run.CheckAsync().ConfigureAwait(false))
        {
            yield return result;
        }
    }

    /// <summary>
    /// What all results say together: the worst of them, warnings apart. A check that the role has no right to says nothing, but where none
    /// could be made, all is unknown.
    /// </summary>
    public static IntegrityStatus Verdict(IReadOnlyCollection<IntegrityResult> results) =>
        results.Any(result => result is { Status: IntegrityStatus.Broken, Severity: IntegritySeverity.Error }) ? IntegrityStatus.Broken
        : results.Any(result => result.Status == IntegrityStatus.Error) ? IntegrityStatus.Error
        : results.Count > 0 && results.All(result => result.Status == IntegrityStatus.Unknown) ? IntegrityStatus.Unknown
        : IntegrityStatus.Passed;

    /// <summary>What all results say together, in one line.</summary>
    /// <param name="results">The results.</param>
    /// <param name="time">How long all took together: several are checked at the same time, so that the sum of theirs says nothing.</param>
    /// <param name="where">The database.</param>
    public static string Summary(IReadOnlyCollection<IntegrityResult> results, TimeSpan time, string where)
    {
        (string Text, int Count)[] parts =
        [
            ("passed", results.Count(static result => result.Status is IntegrityStatus.Passed or IntegrityStatus.VisibleRowsOnly)),
            ("without rows to check", results.Count(static result => result.Status == IntegrityStatus.NothingToCheck)),
            ("broken", results.Count(static result => result is { Status: IntegrityStatus.Broken, Severity: IntegritySeverity.Error })),
            ("with a warning", results.Count(static result => result is { Status: IntegrityStatus.Broken, Severity: IntegritySeverity.Warning })),
            ("unknown", results.Count(static result => result.Status == IntegrityStatus.Unknown)),
            ("failed to run", results.Count(static result => result.Status == IntegrityStatus.Error)),
        ];
        return $"{results.Count} checks in {DisplayText.Duration(time)}: {string.Join(", ", parts.Where(static part => part.Count > 0).Select(static part => $"{part.Count} {part.Text}"))} ({where}).";
    }

    private static async Task<StreamModel> ReadLayoutAsync(DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        try
        {
            return await LayoutReader.ReadAsync(connection, model, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "reading the catalog");
        }
    }
}

/// <summary>Which checks are made, and how.</summary>
internal sealed record IntegrityOptions
{
    /// <summary>Names of checks, <c>*</c> for any text and <c>?</c> for any character; empty means all.</summary>
    public IReadOnlyList<string> Checks { get; init; } = [];

    /// <summary>Connections to check on, unless somebody says otherwise.</summary>
    public const int DefaultConnections = 2;

    /// <summary>Connections to check on, 1 to <see cref="BatchOptions.MaxConnections"/>.</summary>
    public int Parallel { get; init; } = DefaultConnections;

    /// <summary>Rows of a range of a large table (<see cref="KeyStatistics"/>).</summary>
    public double RowsPerRange { get; init; } = KeyStatistics.UsualRows;

    /// <summary>Only rows of batches and imports that were committed at or after this time (UTC); null for all.</summary>
    public DateTime? Since { get; init; }

    /// <summary>Only rows of these batches; empty for all.</summary>
    public IReadOnlyCollection<Guid> Batches { get; init; } = [];
}

/// <summary>Which checks are wanted, by their names.</summary>
internal sealed class CheckSelection(IReadOnlyList<string> patterns)
{
    private readonly List<string> _names = [];
    private bool _matched;

    /// <summary>True when a check is wanted, which is to be asked of every check once. Case does not matter.</summary>
    public bool Wants(string check)
    {
        _names.Add(check);
        var wanted = IsWanted(check);
        _matched |= wanted;
        return wanted;
    }

    /// <summary>True when a check is wanted.</summary>
    public bool IsWanted(string check) => patterns.Count == 0
        || patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, check, ignoreCase: true));

    /// <summary>Once all checks have been asked for.</summary>
    /// <exception cref="StreamingException">None of them was selected: a misspelled name must not look like a passed check.</exception>
    public void RequireMatch()
    {
        if (patterns.Count > 0 && !_matched)
        {
            throw new StreamingException(
                ErrorIds.NoSuchCheck,
                StreamingErrorKind.InvalidInput,
                $"There is no check named {string.Join(" or ", patterns.Select(pattern => $"\"{pattern}\""))}.",
                $"The checks are: {string.Join("; ", _names.Distinct())}. Use * as a wildcard.");
        }
    }
}
