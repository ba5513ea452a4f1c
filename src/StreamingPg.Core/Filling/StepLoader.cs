using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Filling;

/// <summary>Loads the rows of tables that are filled together, by batches like any other.</summary>
/// <param name="connection">The database and the schema.</param>
/// <param name="options">How it is filled.</param>
/// <param name="seed">The seed.</param>
internal sealed class StepLoader(DatabaseConnection connection, FillOptions options, long seed)
{
    private const int AllTenths = 10;

    // Where nobody waits longer for the rows than this, they come at once.
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(5);

    /// <summary>The tables of the schema as they are; null to read those that are needed.</summary>
    public TargetTables? Tables { get; init; }

    /// <summary>Loads rows.</summary>
    /// <param name="model">The tables, and all that they refer to.</param>
    /// <param name="step">What is filled.</param>
    /// <param name="share">Of how many rows one is loaded.</param>
    /// <param name="made">The rows that are in, by table.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Why some are left; null when all are in.</returns>
    /// <exception cref="StreamingException">The server refused them, or they took too long.</exception>
    public async Task<StreamingException?> LoadAsync(
        StreamModel model, FillStep step, long share, Dictionary<string, long> made, CancellationToken cancellationToken)
    {
        if (share == 1 && step.MayBeSlow)
        {
            return await LoadGrowingAsync(model, step, made, cancellationToken).ConfigureAwait(false);
        }

        foreach (var rows in step.Portions(share))
        {
            await LoadInTimeAsync(model, step, rows, seed, made, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Loads a tenth of the rows, and the others as long as the time allows: what a trigger does for each may take ever longer.</summary>
    /// <returns>Why some are left; null when all are in.</returns>
    private async Task<StreamingException?> LoadGrowingAsync(
        StreamModel model, FillStep step, Dictionary<string, long> made, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var (done, next) = (0, 1);
        TimeSpan? before = null;
        while (done < AllTenths)
        {
            var start = Stopwatch.GetTimestamp();
            await LoadInTimeAsync(model, step, step.Between(done, next), seed + done, made, cancellationToken).ConfigureAwait(false);
            var tenth = Stopwatch.GetElapsedTime(start) / (next - done);
            done = next;
            next = tenth * AllTenths * 2 < Quick ? AllTenths : Math.Min(2 * done, AllTenths);
            var slower = before is { } last ? Math.Max(1, tenth / last) : 1; // as they got from share to share
            before = tenth;
            if (done < AllTenths && Stopwatch.GetElapsedTime(begin) + (tenth * slower * (next - done)) > TimeLimit.Of(options.TimePerTable, step.Rows))
            {
                return TimeLimit.TooSlow(made.Values.Sum(), Stopwatch.GetElapsedTime(begin));
            }
        }

        return null;
    }

    private async Task LoadInTimeAsync(
        StreamModel model, FillStep step, IReadOnlyDictionary<string, long> rows, long ownSeed, Dictionary<string, long> made, CancellationToken cancellationToken)
    {
        // A share of the rows has the time of all of them.
        var count = rows.Values.Sum();
        var counts = await TimeLimit.RunAsync(
            TimeLimit.Of(options.TimePerTable, step.MayBeSlow ? step.Rows - count : 0), count, stop => LoadGuessingAsync(model, step, rows, ownSeed, stop), cancellationToken).ConfigureAwait(false);
        foreach (var table in counts.Where(table => made.ContainsKey(table.Table)))
        {
            made[table.Table] += table.Rows;
        }
    }

    /// <summary>Loads rows; of tables that only come together, with one or another column NULL until the CHECKs let them pass.</summary>
    private async Task<IReadOnlyList<TableCount>> LoadGuessingAsync(
        StreamModel model, FillStep step, IReadOnlyDictionary<string, long> rows, long ownSeed, CancellationToken cancellationToken)
    {
        foreach (var guess in step.IsOneCircle ? CandidateTable.WithNulls(model, step.Tables) : [])
        {
            Tables?.Remember(connection, guess);
            try
            {
                return await LoadAsync(guess, rows, ownSeed, step.IsAtOnce, cancellationToken).ConfigureAwait(false);
            }
            catch (StreamingException error) when (error.SqlState == PostgresErrorCodes.CheckViolation)
            {
                // The next set may do.
            }
            finally
            {
                TargetTables.Forget(connection, guess);
            }
        }

        return await LoadAsync(model, rows, ownSeed, step.IsAtOnce, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<TableCount>> LoadAsync(
        StreamModel model, IReadOnlyDictionary<string, long> rows, long ownSeed, bool atOnce, CancellationToken cancellationToken)
    {
        var batch = new BatchOptions
        {
            Rows = rows,
            Seed = ownSeed,
            ReferenceTime = options.ReferenceTime,
            Locale = options.Locale,
            RetriesConflicts = false, // a retry makes the same rows
            AtOnce = atOnce,
            ForeignKeyCheck = atOnce ? ForeignKeyCheck.Row : ForeignKeyCheck.Auto,
        };
        return (await BatchRunner.RunAsync(connection, model, batch, progress: null, cancellationToken).ConfigureAwait(false)).Tables;
    }
}
