using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Core.Records;

/// <summary>Makes the records of the three default tables by the generators that a batch uses.</summary>
internal static class RecordGenerator
{
    private const string Users = DefaultTables.Users;
    private const string Transactions = DefaultTables.Transactions;
    private const string Details = DefaultTables.Details;

    /// <summary>Makes users, one at a time as they are requested.</summary>
    /// <exception cref="StreamingException">The locale is unknown, or the count is out of range.</exception>
    public static IEnumerable<StreamingUser> MakeUsers(long count, GenerationOptions options)
    {
        var generator = Generator(options, new() { [Users] = count });
        return Make(generator.Table(Users), count, ToUser);
    }

    /// <summary>Makes transactions of the given users.</summary>
    /// <exception cref="StreamingException">There are no users, the locale is unknown, or the count is out of range.</exception>
    public static IEnumerable<StreamingTransaction> MakeTransactions(
        IReadOnlyList<StreamingUser> users, long count, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(users);
        var existing = new ExistingRows(MetadataReader.Default.Table(Users));
        foreach (var user in users)
        {
            existing.Add(user.UserId, null, null, null, null, user.RegistrationDate);
        }

        var generator = Generator(options, new() { [Transactions] = count }, existing);
        return Make(generator.Table(Transactions), count, ToTransaction);
    }

    /// <summary>
    /// Makes lines for the given transactions. Every transaction is yielded with its lines; one that gets lines has its amount
    /// set to their sum, the others are yielded as they were.
    /// </summary>
    /// <exception cref="StreamingException">There are no transactions, the locale is unknown, or the count is out of range.</exception>
    public static IEnumerable<(StreamingTransaction Transaction, IReadOnlyList<StreamingDetail> Lines)> MakeDetails(
        IReadOnlyList<StreamingTransaction> transactions, long count, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(transactions);
        var existing = new ExistingRows(MetadataReader.Default.Table(Transactions));
        foreach (var transaction in transactions)
        {
            existing.Add(transaction.TransactionId, transaction.UserId, null, transaction.TransactionDate, null);
        }

        var generator = Generator(options, new() { [Details] = count }, existing);
        return WithAmounts(transactions, generator, count);
    }

    /// <summary>The options with the reference time that rows of existing parents get, where a seed is given and no time.</summary>
    public static async Task<GenerationOptions> ForExistingAsync(
        DatabaseConnection connection, GenerationOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        var time = await LedgerTimes
            .ForSeedAsync(connection, options.Seed, options.ReferenceTime, cancellationToken).ConfigureAwait(false);
        return options with { ReferenceTime = time };
    }

    /// <summary>Picks users that are in the database.</summary>
    public static async Task<IReadOnlyList<StreamingUser>> SampleUsersAsync(
        DatabaseConnection connection, int count, GenerationOptions options, CancellationToken cancellationToken)
    {
        using var rows = await SampleAsync(connection, Users, count, options, cancellationToken).ConfigureAwait(false);
        return [.. Enumerable.Range(0, rows.Count).Select(row => ToUser(Values(rows, row)))];
    }

    /// <summary>Picks transactions that are in the database.</summary>
    public static async Task<IReadOnlyList<StreamingTransaction>> SampleTransactionsAsync(
        DatabaseConnection connection, int count, GenerationOptions options, CancellationToken cancellationToken)
    {
        using var rows = await SampleAsync(connection, Transactions, count, options, cancellationToken).ConfigureAwait(false);
        return [.. Enumerable.Range(0, rows.Count).Select(row => ToTransaction(Values(rows, row)))];
    }

    private static async Task<ExistingRows> SampleAsync(
        DatabaseConnection connection, string table, int count, GenerationOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            var sampler = new ParentSampler(MetadataReader.Default.Table(table), count, GenerationSettings.From(options));
            return await sampler.SampleAsync(session, cancellationToken).ConfigureAwait(false);
        }
        catch (Npgsql.NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, $"Picking rows of \"{table}\"");
        }
    }

    private static BatchGenerator Generator(GenerationOptions options, Dictionary<string, long> rows, ExistingRows? existing = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var parents = existing is null ? null : ExistingParents.Of(new Dictionary<string, ExistingRows> { [existing.Table.Name] = existing });
        var plan = PlanMaker.Make(MetadataReader.Default, GenerationSettings.From(options), options.Locale, rows, parents);
        return new BatchGenerator(plan, 0);
    }

    private static IEnumerable<TRecord> Make<TRecord>(TableGenerator generator, long count, Func<object?[], TRecord> toRecord) =>
        RowMaker.Read(generator, count).Select(toRecord);

    private static IEnumerable<(StreamingTransaction Transaction, IReadOnlyList<StreamingDetail> Lines)> WithAmounts(
        IReadOnlyList<StreamingTransaction> transactions, BatchGenerator generator, long count)
    {
        using var lines = Make(generator.Table(Details), count, ToDetail).GetEnumerator();
        var dealt = generator.Dealt(generator.Table(Details).Table);
        for (var index = 0; index < transactions.Count; index++)
        {
            var own = new List<StreamingDetail>();
            for (var left = dealt?.ChildrenOf(index).Count ?? 0; left > 0 && lines.MoveNext(); left--)
            {
                own.Add(lines.Current);
            }

            yield return own.Count == 0
                ? (transactions[index], own)
                : (transactions[index] with { Amount = own.Sum(line => line.Quantity * line.UnitPrice) }, own);
        }
    }

    private static object?[] Values(ExistingRows rows, int row) =>
        [.. Enumerable.Range(0, rows.Table.Columns.Count).Select(column => rows.Value(row, column))];

    private static StreamingUser ToUser(object?[] values) => new()
    {
        UserId = (Guid)values[0]!,
        Name = (string?)values[1],
        Email = (string?)values[2],
        Age = (int?)values[3],
        City = (string?)values[4],
        RegistrationDate = (DateTime?)values[5],
    };

    private static StreamingTransaction ToTransaction(object?[] values) => new()
    {
        TransactionId = (Guid)values[0]!,
        UserId = (Guid?)values[1],
        Amount = (decimal?)values[2],
        TransactionDate = (DateTime?)values[3],
        Status = (string?)values[4],
    };

    private static StreamingDetail ToDetail(object?[] values) => new()
    {
        Id = (int?)values[0],
        TransactionId = (Guid?)values[1],
        UserId = (Guid?)values[2],
        ProductName = (string?)values[3],
        Quantity = (int?)values[4],
        UnitPrice = (decimal?)values[5],
        CreatedAt = (DateTime?)values[6],
    };
}
