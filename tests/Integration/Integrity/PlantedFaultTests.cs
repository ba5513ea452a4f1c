using StreamingPg.Core.Integrity;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Integrity;

/// <summary>One fault of a kind is planted in a sound database; its check, and only its check, must find it.</summary>
[Collection(SharedPostgres.Name)]
public sealed class PlantedFaultTests(PostgresFixture postgres)
{
    private const string User3 = "0190a000-0000-7000-8000-000000000003";
    private const string Transaction5 = "0190b000-0000-7000-8000-000000000005";
    private const string NoOne = "00000000-0000-7000-8000-000000000000";

    [Fact]
    public async Task Orphaned_transaction()
    {
        var findings = await FindAsync(
            "ALTER TABLE streaming.transactions DROP CONSTRAINT t_user",
            $"INSERT INTO streaming.transactions VALUES ('{Transaction5[..^1]}f', '{NoOne}', 1, '2025-01-01', 'completed')");

        AssertFound(findings, "ForeignKey transactions.user_id -> users.user_id", IntegritySeverity.Error, 1, Transaction5[..^1] + "f");
        AssertFound(findings, "ForeignKeyConstraint transactions.user_id -> users.user_id", IntegritySeverity.Warning, 1);
        Assert.Equal(2, findings.Count);
    }

    [Fact]
    public async Task Orphaned_line_items_when_their_transaction_is_gone()
    {
        var findings = await FindAsync(
            "ALTER TABLE streaming.detailed_transactions DROP CONSTRAINT d_transaction",
            $"DELETE FROM streaming.transactions WHERE transaction_id = '{Transaction5}'");

        AssertFound(findings, "ForeignKey detailed_transactions.transaction_id -> transactions.transaction_id", IntegritySeverity.Error, 3, "13", "14", "15");
        AssertFound(findings, "ForeignKeyConstraint detailed_transactions.transaction_id -> transactions.transaction_id", IntegritySeverity.Warning, 1);
        Assert.Equal(2, findings.Count);
    }

    [Fact]
    public async Task Orphans_that_came_in_past_a_constraint_which_is_there()
    {
        var findings = await FindAsync(
            "SET session_replication_role = replica; "
            + $"UPDATE streaming.detailed_transactions SET transaction_id = '{NoOne}' WHERE id = 1; RESET session_replication_role");

        AssertFound(findings, "ForeignKey detailed_transactions.transaction_id -> transactions.transaction_id", IntegritySeverity.Error, 1, "1");
        Assert.DoesNotContain(findings, finding => finding.Check.StartsWith("ForeignKeyConstraint", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Line_item_whose_user_is_not_its_transactions_user()
    {
        var findings = await FindAsync($"UPDATE streaming.detailed_transactions SET user_id = '{User3}' WHERE id IN (1, 4)");

        AssertFound(findings, "SharedParent detailed_transactions.user_id = transactions.user_id", IntegritySeverity.Error, 1, "1");
        Assert.Single(findings);
    }

    [Fact]
    public async Task Foreign_key_without_a_value()
    {
        var findings = await FindAsync("UPDATE streaming.detailed_transactions SET user_id = NULL WHERE id = 4");

        AssertFound(findings, "KeyValue detailed_transactions.user_id", IntegritySeverity.Error, 1, "4");
        Assert.Single(findings);
    }

    [Fact]
    public async Task Primary_key_without_a_value()
    {
        var findings = await FindAsync(
            "ALTER TABLE streaming.detailed_transactions DROP CONSTRAINT detailed_transactions_pkey",
            "ALTER TABLE streaming.detailed_transactions ALTER COLUMN id DROP NOT NULL",
            "UPDATE streaming.detailed_transactions SET id = NULL WHERE id = 7");

        AssertFound(findings, "KeyValue detailed_transactions.id", IntegritySeverity.Error, 1, "null");
        Assert.Single(findings);
    }

    [Fact]
    public async Task Duplicate_primary_key_where_no_constraint_forbids_it()
    {
        var findings = await FindAsync(
            "ALTER TABLE streaming.detailed_transactions DROP CONSTRAINT detailed_transactions_pkey",
            "UPDATE streaming.detailed_transactions SET id = 7 WHERE id IN (8, 9)");

        AssertFound(findings, "PrimaryKey detailed_transactions.id", IntegritySeverity.Error, 2, "7");
        Assert.Single(findings);
    }

    [Fact]
    public async Task Duplicate_parent_does_not_count_its_children_twice()
    {
        var findings = await FindAsync(
            "ALTER TABLE streaming.users DROP CONSTRAINT users_pkey CASCADE",
            $"INSERT INTO streaming.users (user_id, email, age) VALUES ('{User3}', 'other@example.com', 30)",
            $"UPDATE streaming.transactions SET amount = -amount WHERE user_id = '{User3}'");

        AssertFound(findings, "PrimaryKey users.user_id", IntegritySeverity.Error, 1, User3);
        Assert.Equal(2, findings.Single(finding => finding.Check == "Range transactions.amount").Count);
        Assert.DoesNotContain(findings, finding => finding.Check.StartsWith("ForeignKey ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Email_that_two_users_share()
    {
        var findings = await FindAsync($"UPDATE streaming.users SET email = 'user1@example.com' WHERE user_id = '{User3}'");

        AssertFound(findings, "Unique users.email", IntegritySeverity.Warning, 1, "user1@example.com");
        Assert.Single(findings);
    }

    [Fact]
    public async Task Sequence_behind_its_column()
    {
        var findings = await FindAsync("INSERT INTO streaming.detailed_transactions (id, transaction_id, user_id, quantity, unit_price, created_at) "
            + $"SELECT 61, transaction_id, user_id, 1, 0, created_at FROM streaming.detailed_transactions WHERE id = 1");

        AssertFound(findings, "Sequence detailed_transactions.id", IntegritySeverity.Error, 1, "61");
        Assert.Single(findings);
    }

    [Fact]
    public async Task Sequence_that_is_gone()
    {
        var findings = await FindAsync(
            "ALTER TABLE streaming.detailed_transactions ALTER COLUMN id DROP DEFAULT",
            "DROP SEQUENCE streaming.detailed_transactions_id_seq");

        AssertFound(findings, "Sequence detailed_transactions.id", IntegritySeverity.Error, 1);
        Assert.Contains("no sequence", findings[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Constraint_that_is_not_validated()
    {
        var findings = await FindAsync(
            "ALTER TABLE streaming.transactions DROP CONSTRAINT t_user",
            "ALTER TABLE streaming.transactions ADD CONSTRAINT t_user FOREIGN KEY (user_id) REFERENCES streaming.users NOT VALID");

        AssertFound(findings, "ForeignKeyConstraint transactions.user_id -> users.user_id", IntegritySeverity.Warning, 1);
        Assert.Contains("NOT VALID", findings[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Constraint_whose_triggers_are_disabled()
    {
        var findings = await FindAsync("ALTER TABLE streaming.transactions DISABLE TRIGGER ALL");

        AssertFound(findings, "ForeignKeyConstraint transactions.user_id -> users.user_id", IntegritySeverity.Warning, 1);
        Assert.All(findings, finding => Assert.Contains("disabled", finding.Detail, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("transactions", "amount = amount + 0.01", "Amount transactions.amount = sum of detailed_transactions")]
    [InlineData("transactions", "amount = NULL", "Amount transactions.amount = sum of detailed_transactions")]
    [InlineData("transactions", "transaction_date = '2023-12-31'", "TimeOrder transactions.transaction_date >= users.registration_date")]
    [InlineData("users", "age = -1", "Range users.age")]
    [InlineData("users", "age = 131", "Range users.age")]
    public async Task Broken_business_rule(string table, string change, string check)
    {
        var key = table == "users" ? User3 : Transaction5;
        var column = table == "users" ? "user_id" : "transaction_id";
        var findings = await FindAsync($"UPDATE streaming.{table} SET {change} WHERE {column} = '{key}'");

        AssertFound(findings, check, IntegritySeverity.Warning, 1, key);
        Assert.Single(findings);
    }

    [Theory]
    [InlineData("quantity = 0", "Range detailed_transactions.quantity")]
    [InlineData("quantity = -2", "Range detailed_transactions.quantity")]
    [InlineData("unit_price = -0.01", "Range detailed_transactions.unit_price")]
    [InlineData("created_at = '2025-01-01 00:30'", "TimeOrder detailed_transactions.created_at >= transactions.transaction_date")]
    public async Task Broken_business_rule_of_a_line(string change, string check)
    {
        var findings = await FindAsync($"UPDATE streaming.detailed_transactions SET {change} WHERE id = 3");

        AssertFound(findings, check, IntegritySeverity.Warning, 1, "3");
    }

    [Fact]
    public async Task Many_offending_rows_are_counted_in_full_and_shown_in_part()
    {
        var findings = await FindAsync("UPDATE streaming.detailed_transactions SET transaction_id = NULL");

        var finding = findings.Single(finding => finding.Check == "KeyValue detailed_transactions.transaction_id");
        Assert.Equal(60, finding.Count);
        Assert.Equal(5, finding.SampleKeys.Distinct().Count());
    }

    private async Task<List<IntegrityResult>> FindAsync(params string[] faults)
    {
        await using var database = await Shop.CreateAsync(postgres);
        foreach (var fault in faults)
        {
            await database.ExecuteAsync(fault);
        }

        var findings = await CheckAsync(database, new IntegrityOptions());

        // Large tables are read range by range of a key, on several connections: these have twenty transactions in five ranges.
        await database.ExecuteAsync("CREATE INDEX ON streaming.detailed_transactions (transaction_id)");
        await database.ExecuteAsync("ALTER TABLE streaming.detailed_transactions ALTER transaction_id SET STATISTICS 8");
        await database.ExecuteAsync("ALTER TABLE streaming.transactions ALTER transaction_id SET STATISTICS 8");
        await database.ExecuteAsync("ANALYZE streaming.users, streaming.transactions, streaming.detailed_transactions");
        var sliced = await CheckAsync(database, new IntegrityOptions { Parallel = 3, RowsPerRange = 12 });
        Assert.Equal(findings.Select(finding => (finding.Check, finding.Count)), sliced.Select(finding => (finding.Check, finding.Count)));
        return findings;
    }

    private static async Task<List<IntegrityResult>> CheckAsync(TestDatabase database, IntegrityOptions options) =>
        await IntegrityChecker.CheckAsync(database.Connection, Shop.Model, options, CancellationToken.None)
            .Where(result => result.Status >= IntegrityStatus.Broken).ToListAsync();

    private static void AssertFound(
        List<IntegrityResult> findings, string check, IntegritySeverity severity, long count, params string[] sampleKeys)
    {
        var finding = findings.Single(finding => finding.Check == check);
        Assert.Equal(severity, finding.Severity);
        Assert.Equal(count, finding.Count);
        Assert.Equal(sampleKeys, finding.SampleKeys.Order());
        Assert.NotEmpty(finding.Detail);
    }
}
