using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Loading;

/// <summary>The plan of a large batch, as the ledger keeps it for whoever resumes it.</summary>
public sealed class PlanJsonTests
{
    private const string User = "0198c0de-0000-7000-8000-000000000001";

    /// <summary>As version 0.1 wrote it, before some of its members were there, with a number where there is text now.</summary>
    private const string OldPlan =
        $$$"""
        {"rows": {"users": 1000, "transactions": 3000, "detailed_transactions": 10000}, "locale": "de", "existing": {"users": [["{{{User}}}", null, null, 42, null, "2025-01-01T10:00:00.123456"]]},
         "key_time": 1735689600000, "existing_ratio": 0.25, "first_sequence_value": {"detailed_transactions": 7}}
        """;

    private static StreamModel Model => MetadataReader.Default;

    [Fact]
    public void A_plan_of_an_older_version_can_be_read()
    {
        var plan = PlanJson.Read(Model, Row(OldPlan));

        Assert.Equal((5, 3, 99, 1735689600000, "de", 0.25), (plan.BatchNumber, plan.Chunks, plan.Seed, plan.KeyTime, plan.Locale, plan.ExistingRatio));
        Assert.Equal(14_000, plan.TotalRows);
        Assert.Equal(new SequenceValues(7, 1), plan.SequenceValues["detailed_transactions"]);
        var users = plan.Existing["users"];
        Assert.Equal((1, 1), (users.Count, users.KnownCount));
        Assert.Equal(Guid.Parse(User), users.Value(0, 0));
        Assert.Null(users.Value(0, 1));
        Assert.Equal(42, users.Value(0, 3));
        Assert.Equal(new DateTime(2025, 1, 1, 10, 0, 0, 123, 456), users.Value(0, 5));
        Assert.Empty(plan.Taken);
        Assert.Empty(plan.NumbersBefore);
        Assert.Empty(plan.FirstNumbers);
    }

    [Fact]
    public void A_plan_that_was_written_can_be_read()
    {
        var users = new ExistingRows(Model.Table("users"));
        users.Add(Guid.Parse(User), "Ada \"Augusta\" Ünal", null, 36, null, new DateTime(2025, 1, 1));
        users.AddKnown(Guid.Parse(User.Replace('1', '2')), null, null, null, null, null);
        var plan = PlanJson.Read(Model, Row(OldPlan)) with
        {
            Existing = new Dictionary<string, ExistingRows> { ["users"] = users },
            Taken = new Dictionary<string, IReadOnlyList<long>> { ["users (email)"] = [1, 2, 500] },
            NumbersBefore = new Dictionary<string, IReadOnlyList<long>> { ["transactions"] = [4] },
            FirstNumbers = new Dictionary<string, long> { ["users (age)"] = 11 },
        };

        var text = PlanJson.Write(plan);
        var read = PlanJson.Read(Model, Row(text));

        Assert.Equal(text, PlanJson.Write(read));
        Assert.Equal((1, 2), (read.Existing["users"].Count, read.Existing["users"].KnownCount));
        Assert.Equal("Ada \"Augusta\" Ünal", read.Existing["users"].Value(0, 1));
        Assert.Equal(plan.Taken, read.Taken);
        Assert.Equal(plan.NumbersBefore, read.NumbersBefore);
        Assert.Equal(plan.FirstNumbers, read.FirstNumbers);
        Assert.Equal(plan.Rows, read.Rows);
    }

    [Fact]
    public void A_plan_of_other_tables_is_refused()
    {
        Assert.Equal("PlanDoesNotFit", Assert.Throws<StreamingException>(() => PlanJson.Read(Model, Row(null))).ErrorId);
        Assert.Equal("PlanDoesNotFit", Assert.Throws<StreamingException>(() => PlanJson.Read(Model, Row(OldPlan.Replace("users", "people", StringComparison.Ordinal)))).ErrorId);
    }

    private static LedgerRow Row(string? plan) => new(
        0, 3, 5, 99, new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc), plan, new Dictionary<string, long>(), ForeignKeyCheck.Set, default);
}
