using System.Text.RegularExpressions;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Clearing;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Filling;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Health;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Records;
using StreamingPg.Core.Report;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Streaming;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Unit.Infrastructure;

namespace StreamingPg.Tests.Integration.Security;

/// <summary>The one table of rights is true: with what it names each command works, and with one right less it says which.</summary>
[Collection(SharedPostgres.Name)]
public sealed partial class RightsTests(RightsDatabase database) : IClassFixture<RightsDatabase>
{
    private static readonly StreamModel Model = MetadataReader.Default;

    public static TheoryData<ConnectionPurpose> Purposes => [.. Enum.GetValues<ConnectionPurpose>()];

    [Theory]
    [MemberData(nameof(Purposes))]
    public async Task A_role_with_exactly_these_rights_can_and_with_one_less_it_is_told_which(ConnectionPurpose purpose)
    {
        var role = await database.ConnectAsync(purpose);
        var grants = await GrantAsync(role, purpose, optional: false);
        Assert.NotEmpty(grants);

        await RunAsync(role, purpose);

        foreach (var grant in grants)
        {
            await database.ExecuteAsync(grant.Revoke);
            var error = await Assert.ThrowsAsync<StreamingException>(() => RunAsync(role, purpose));
            var told = await RightsAdvice.CompleteAsync(error, role, Model, [purpose], CancellationToken.None);

            Assert.True(told.Remedy.Contains(grant.Give, StringComparison.Ordinal), $"{grant.Give} {told.Message}");
            Assert.Equal(1, Regex.Count(told.Remedy, "GRANT "));
            await database.ExecuteAsync(grant.Give);
        }

        await RunAsync(role, purpose);
    }

    public static TheoryData<ConnectionPurpose, string> Cases => new()
    {
        { ConnectionPurpose.Import, "-OnConflict Update" },
        { ConnectionPurpose.Batch, "existing ones" },
        { ConnectionPurpose.Close, "-Rows Remove" },
        { ConnectionPurpose.Schema, "-Publication" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_only_some_options_need_is_named_when_it_is_missing(ConnectionPurpose purpose, string option)
    {
        var role = await database.ConnectAsync(purpose);
        await GrantAsync(role, purpose, optional: false);
        await database.PrepareAsync(purpose);
        Func<Task> work = purpose switch
        {
            ConnectionPurpose.Batch => () => LoadAsync(role, 0, 0, 30),
            ConnectionPurpose.Close => () => BatchCloser.CloseAsync(role, Model, RightsDatabase.Unfinished, ClosedRows.Remove, CancellationToken.None),
            ConnectionPurpose.Schema => () => SchemaInitializer.InitializeAsync(role, Model, "rights", planOnly: false, CancellationToken.None),
            _ => () => ImportAsync(role, ConflictAction.Update),
        };

        for (var missing = 8; ; missing--)
        {
            try
            {
                await work();
                break;
            }
            catch (StreamingException error) when (missing > 0)
            {
                var told = await RightsAdvice.CompleteAsync(error, role, Model, [purpose], CancellationToken.None);
                var grants = Grants(told.Remedy).ToList();
                Assert.True(grants.Count > 0, told.Message);
                foreach (var grant in grants)
                {
                    await database.ExecuteAsync(grant.Give);
                }
            }
        }

        var test = await ConnectionTester.TestAsync(role, Model, [purpose], CancellationToken.None);
        Assert.True(test.Success);
        Assert.DoesNotContain(test.Optional, sentence => sentence.Contains(option, StringComparison.Ordinal) && sentence.Contains("\"transactions\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reader_can_check_and_report_and_is_told_of_the_sequence()
    {
        var role = await database.ConnectAsync(ConnectionPurpose.Report);
        await GrantAsync(role, ConnectionPurpose.Report, optional: false);
        var program = StreamingPgProgram.On(database.SettingsOf(role));

        // The other purposes leave rows behind that lack a parent: what is filled without metadata may have NULL there.
        var check = (await program.RunAsync("check", "--check", "PrimaryKey *", "--check", "Sequence *")).Expect(0);
        Assert.Contains("unknown", check.Output, StringComparison.Ordinal);
        Assert.Contains("GRANT SELECT ON SEQUENCE", check.Output, StringComparison.Ordinal);
        (await program.RunAsync("check", "--check", "Sequence *")).Expect(1);

        var batch = (await program.RunAsync("batch")).Expect(1);
        Assert.Contains("GRANT INSERT ON TABLE \"streaming\".\"users\"", batch.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("CREATE", batch.Error, StringComparison.Ordinal);

        var test = (await program.RunAsync("test", "--for", "check", "report")).Expect(0);
        Assert.Contains("To check the sequences, the role also needs SELECT", test.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_owns_the_tables_can_widen_keys_and_others_are_told_that_they_must_own_them()
    {
        var role = await database.ConnectAsync(ConnectionPurpose.Update);
        Task WidenAsync() => KeyWidener.ApplyAsync(role, ["detailed_transactions"], new SchemaUpdateOptions(), null, CancellationToken.None).ToListAsync().AsTask();

        var error = await Assert.ThrowsAsync<StreamingException>(WidenAsync);
        Assert.Equal(ErrorIds.PermissionDenied, error.ErrorId);
        var told = await RightsAdvice.CompleteAsync(error, role, Model, [ConnectionPurpose.Update], CancellationToken.None);
        Assert.Contains("GRANT", told.Remedy, StringComparison.Ordinal);

        await GrantAsync(role, ConnectionPurpose.Update, optional: false);
        await WidenAsync();
    }

    public static TheoryData<string, ConnectionPurpose[], ConnectionPurpose[]> Roles => new()
    {
        { "writer", [ConnectionPurpose.Batch, ConnectionPurpose.Stream, ConnectionPurpose.Import, ConnectionPurpose.Retention, ConnectionPurpose.Close], [ConnectionPurpose.Update, ConnectionPurpose.Clear] },
        {
            "reader",
            [ConnectionPurpose.Check, ConnectionPurpose.Report, ConnectionPurpose.Growth, ConnectionPurpose.Ledger, ConnectionPurpose.Analysis, ConnectionPurpose.Generate, ConnectionPurpose.Health],
            [ConnectionPurpose.Batch, ConnectionPurpose.Import, ConnectionPurpose.Close]
        },
        { "checker", [ConnectionPurpose.Check, ConnectionPurpose.Analysis], [ConnectionPurpose.Ledger, ConnectionPurpose.Report, ConnectionPurpose.Batch] },
    };

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task The_roles_of_the_page_can_what_it_says_and_nothing_else(string name, ConnectionPurpose[] can, ConnectionPurpose[] cannot)
    {
        var role = await database.ConnectAsync(can[0]);
        var page = RepositoryFile.Read("docs", "security.md");
        foreach (Match grant in Regex.Matches(page, $"^GRANT .* TO shop_{name};$", RegexOptions.Multiline))
        {
            await database.ExecuteAsync(grant.Value.Replace($"shop_{name};", Identifier.Quote(role.UserName), StringComparison.Ordinal)
                .Replace("DATABASE streaming_db", $"DATABASE {Identifier.Quote(role.Database)}", StringComparison.Ordinal));
        }

        foreach (var purpose in can)
        {
            await RunAsync(role, purpose);
        }

        foreach (var purpose in cannot)
        {
            var other = purpose is ConnectionPurpose.Update or ConnectionPurpose.Clear ? role.WithSchema("updated") : role;
            var error = await Assert.ThrowsAsync<StreamingException>(() => RunAsync(other, purpose));
            Assert.True(error.Kind == StreamingErrorKind.PermissionDenied, $"{purpose}: {error.Message}");
        }
    }

    [Fact]
    public async Task Who_may_not_create_the_schema_is_told_the_right_on_the_database()
    {
        var role = await database.ConnectAsync(ConnectionPurpose.Schema);
        var elsewhere = role.WithSchema($"absent_{Guid.NewGuid():N}");

        var error = await Assert.ThrowsAsync<StreamingException>(
            () => SchemaInitializer.InitializeAsync(elsewhere, Model, planOnly: false, CancellationToken.None));
        var told = await RightsAdvice.CompleteAsync(error, elsewhere, Model, [ConnectionPurpose.Schema], CancellationToken.None);
        var grant = Assert.Single(Grants(told.Remedy));
        Assert.StartsWith("GRANT CREATE ON DATABASE ", grant.Give, StringComparison.Ordinal);

        await database.ExecuteAsync(grant.Give);
        await SchemaInitializer.InitializeAsync(elsewhere, Model, planOnly: false, CancellationToken.None);
    }

    /// <summary>Gives what the test says is missing, until it is satisfied.</summary>
    /// <returns>The rights, one by one.</returns>
    private async Task<List<Grant>> GrantAsync(DatabaseConnection role, ConnectionPurpose purpose, bool optional)
    {
        var test = await ConnectionTester.TestAsync(role, Model, [purpose], CancellationToken.None);
        Assert.False(test.Success);
        var grants = test.Missing.Concat(optional ? test.Optional : []).SelectMany(Grants).ToList();
        Assert.Equal(test.Missing.Count, test.Missing.Count(sentence => Grants(sentence).Any()));
        foreach (var grant in grants)
        {
            await database.ExecuteAsync(grant.Give);
        }

        test = await ConnectionTester.TestAsync(role, Model, [purpose], CancellationToken.None);
        Assert.Empty(test.Missing);
        return grants;
    }

    private async Task RunAsync(DatabaseConnection role, ConnectionPurpose purpose)
    {
        await database.PrepareAsync(purpose);
        await (purpose switch
        {
            ConnectionPurpose.Batch => LoadAsync(role, 10, 20, 1200),
            ConnectionPurpose.Stream => StreamAsync(role),
            ConnectionPurpose.Import => ImportAsync(role, ConflictAction.Error),
            ConnectionPurpose.Retention => RetentionRunner.RunAsync(
                role, Model, new RetentionOptions { Before = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc) }, progress: null, events: null, CancellationToken.None)
                .ToListAsync().AsTask(),
            ConnectionPurpose.Close => BatchCloser.CloseAsync(role, Model, RightsDatabase.Unfinished, ClosedRows.Keep, CancellationToken.None),
            ConnectionPurpose.Check => IntegrityChecker.CheckAsync(role, Model, CancellationToken.None).ToListAsync().AsTask(),
            ConnectionPurpose.Report => ReportAsync(role),
            ConnectionPurpose.Growth => GrowthReader.ReadAsync(role, Model, TimeSpan.FromDays(1), estimate: false, CancellationToken.None),
            ConnectionPurpose.Ledger => LedgerReader.ReadAsync(role, new LedgerFilter(), CancellationToken.None),
            ConnectionPurpose.Analysis => RelationshipReader.ReadAsync(role, Model, new AnalyticsOptions(), CancellationToken.None),
            ConnectionPurpose.Generate => GenerateAsync(role),
            ConnectionPurpose.Health => CheckHealthAsync(role),
            ConnectionPurpose.Schema => SchemaInitializer.InitializeAsync(role, Model, planOnly: false, CancellationToken.None),
            ConnectionPurpose.Update => SchemaUpdater.ApplyAsync(role, Model, new SchemaUpdateOptions(), CancellationToken.None).ToListAsync().AsTask(),
            ConnectionPurpose.Fill => FillAsync(role),
            ConnectionPurpose.Clear => TableClearer.ClearAsync(role, Model, planOnly: false, force: false, CancellationToken.None),
            _ => throw new NotSupportedException($"{purpose} has no command here."),
        });
    }

    private static Task<BatchResult> LoadAsync(DatabaseConnection role, long users, long transactions, long details) => BatchRunner.RunAsync(
        role, Model, Options(users, transactions, details), progress: null, CancellationToken.None);

    private static BatchOptions Options(long users, long transactions, long details) => new()
    {
        Rows = new Dictionary<string, long> { ["users"] = users, ["transactions"] = transactions, ["detailed_transactions"] = details },
    };

    private static async Task StreamAsync(DatabaseConnection role)
    {
        var options = new StreamOptions { Batch = Options(1, 2, 3), Interval = TimeSpan.FromMilliseconds(1), MaxBatches = 1 };
        await new StreamRunner(role, Model, options, events: null, progress: null).RunAsync(CancellationToken.None).ToListAsync();
    }

    private static async Task ImportAsync(DatabaseConnection role, ConflictAction onConflict)
    {
        await using var importer = await RowImporter.BeginAsync(role, Model, new ImportOptions { OnConflict = onConflict }, CancellationToken.None);
        var (user, transaction) = (Guid.NewGuid(), Guid.NewGuid());
        importer.Add(Model.Table("users"), [user, "Ada", null, null, null, null]);
        importer.Add(Model.Table("transactions"), [transaction, user, 1m, null, null]);
        importer.Add(Model.Table("detailed_transactions"), [null, transaction, user, "Tea", 1, 1m, null]);
        importer.Add(Model.Table("detailed_transactions"), [1_000_000 + Random.Shared.Next(1_000_000_000), transaction, user, "Tea", 1, 1m, null]);
        await importer.CompleteAsync(CancellationToken.None);
    }

    private static async Task ReportAsync(DatabaseConnection role)
    {
        var path = Path.Combine(Path.GetTempPath(), $"streamingpg-rights-{Guid.NewGuid():N}.html");
        try
        {
            await ReportExporter.ExportAsync(role, Model, new ReportOptions { Integrity = true }, path, overwrite: false, progress: null, CancellationToken.None);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task GenerateAsync(DatabaseConnection role)
    {
        await RecordGenerator.SampleUsersAsync(role, 5, new() { Seed = 1, ReferenceTime = DateTime.UtcNow }, CancellationToken.None);
        await RecordGenerator.SampleTransactionsAsync(role, 5, new() { Seed = 1, ReferenceTime = DateTime.UtcNow }, CancellationToken.None);
    }

    /// <summary>Health never fails; a check that was not made for want of a right of the table counts as that here.</summary>
    private static async Task CheckHealthAsync(DatabaseConnection role)
    {
        var results = await HealthChecker.CheckAsync(role, Model, new HealthOptions(), CancellationToken.None).ToListAsync();
        var refused = results.First(result => result.Check == HealthCheck.BatchAge);
        if (refused.Status == HealthStatus.Unknown && refused.Advice.Contains("GRANT", StringComparison.Ordinal))
        {
            throw new StreamingException("", StreamingErrorKind.PermissionDenied, "", refused.Advice);
        }
    }

    /// <summary>A table that the role may not fill is left out; that counts as an error here.</summary>
    private static async Task FillAsync(DatabaseConnection role)
    {
        var tables = await FillRunner.RunAsync(role, new FillOptions { RowsPerTable = 5 }, CancellationToken.None).ToListAsync();
        if (tables.Find(table => table.Status != FillStatus.Filled) is { } refused)
        {
            throw new StreamingException("", StreamingErrorKind.PermissionDenied, refused.Reason!, refused.Fix!);
        }
    }

    private static IEnumerable<Grant> Grants(string text) => GrantPattern().Matches(text).SelectMany(match =>
    {
        var (rights, target, to) = (match.Groups["rights"].Value, match.Groups["on"].Value, match.Groups["to"].Value);
        return RightPattern().Matches(rights).Select(right => new Grant(
            $"GRANT {right.Value}{target} TO {to};", $"REVOKE {right.Value}{target} FROM {to};"));
    });

    [GeneratedRegex("""GRANT (?<rights>.+?)(?<on> ON \w+ \S+)? TO (?<to>"\w+");""")]
    private static partial Regex GrantPattern();

    [GeneratedRegex("""[\w"]+( \([^)]+\))?""")]
    private static partial Regex RightPattern();

    private sealed record Grant(string Give, string Revoke);
}

/// <summary>One database with filled tables for all purposes; some have schemas of their own, which they change.</summary>
public sealed class RightsDatabase(PostgresFixture postgres) : IAsyncLifetime
{
    /// <summary>A batch that lacks a chunk, once it is prepared.</summary>
    internal static readonly Guid Unfinished = new("0f0e7c1e-0000-4000-8000-000000000002");

    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(_database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        await BatchRunner.RunAsync(
            _database.Connection,
            MetadataReader.Default,
            new BatchOptions { Rows = new Dictionary<string, long> { ["users"] = 20, ["transactions"] = 40, ["detailed_transactions"] = 80 } },
            progress: null,
            CancellationToken.None);
        await BatchRunner.RunAsync(
            _database.Connection,
            MetadataReader.Default,
            new BatchOptions
            {
                BatchId = Unfinished,
                ChunkSize = 30,
                Rows = new Dictionary<string, long> { ["users"] = 20, ["transactions"] = 30, ["detailed_transactions"] = 40 },
            },
            progress: null,
            CancellationToken.None);
        await _database.ExecuteAsync("CREATE SCHEMA made; CREATE SCHEMA updated");
        var owner = (await _database.ConnectAsPlainRoleAsync("GRANT USAGE, CREATE ON SCHEMA updated TO {role}")).WithSchema("updated");
        await SchemaInitializer.InitializeAsync(owner, MetadataReader.Default, planOnly: false, CancellationToken.None);
        await _database.ExecuteAsync($"REVOKE USAGE, CREATE ON SCHEMA updated FROM {Identifier.Quote(owner.UserName)}");
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>A role without rights, in the schema that its purpose works on.</summary>
    internal async Task<DatabaseConnection> ConnectAsync(ConnectionPurpose purpose) => (await _database.ConnectAsPlainRoleAsync()).WithSchema(purpose switch
    {
        ConnectionPurpose.Schema => "made",
        ConnectionPurpose.Update or ConnectionPurpose.Clear => "updated",
        _ => "streaming",
    });

    /// <summary>Settings of a role of this database.</summary>
    internal Npgsql.NpgsqlConnectionStringBuilder SettingsOf(DatabaseConnection role) => new(role.DataSource.ConnectionString)
    {
        Password = _database.PasswordOf(role.UserName),
    };

    public Task ExecuteAsync(string sql) => _database.ExecuteAsync(sql);

    /// <summary>Sees to it that the purpose has something to do.</summary>
    internal Task PrepareAsync(ConnectionPurpose purpose) => purpose switch
    {
        ConnectionPurpose.Close => ExecuteAsync($"DELETE FROM streaming.batch_ledger WHERE kind = 'closed' OR (batch_id = '{Unfinished}' AND part = 2)"),
        ConnectionPurpose.Schema => ExecuteAsync("DROP TABLE IF EXISTS made.detailed_transactions, made.transactions, made.users, made.batch_ledger"),
        ConnectionPurpose.Update => ExecuteAsync("ALTER TABLE updated.users DROP COLUMN IF EXISTS city; DROP INDEX IF EXISTS updated.transactions_user_id_idx"),
        ConnectionPurpose.Retention => ExecuteAsync(
            """
            WITH u AS (INSERT INTO streaming.users (user_id, registration_date) VALUES (gen_random_uuid(), '2000-01-01') RETURNING user_id),
                 t AS (INSERT INTO streaming.transactions (transaction_id, user_id, transaction_date) SELECT gen_random_uuid(), user_id, '2000-01-01' FROM u RETURNING *)
            INSERT INTO streaming.detailed_transactions (transaction_id, user_id, created_at)
            SELECT transaction_id, user_id, TIMESTAMP '2000-01-01' FROM t UNION ALL SELECT NULL, user_id, '2000-01-01' FROM t
            """),
        _ => Task.CompletedTask,
    };
}
