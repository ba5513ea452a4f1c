using System.Globalization;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Records;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>The records of the pipeline follow the same rules as the rows of a batch.</summary>
public sealed class RecordGeneratorTests
{
    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(10, 30, 100)]
    [InlineData(3, 50, 20)]
    [InlineData(1, 1, 500)]
    public void Records_refer_and_agree_for_every_seed(int users, int transactions, int details)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var options = new GenerationOptions { Seed = seed };
            var people = RecordGenerator.MakeUsers(users, options).ToDictionary(user => user.UserId);
            var made = RecordGenerator.MakeTransactions([.. people.Values], transactions, options).ToArray();
            Assert.Equal((users, transactions), (people.Count, made.Length));
            if (transactions == 0)
            {
                continue;
            }

            var results = RecordGenerator.MakeDetails(made, details, options).ToArray();
            Assert.Equal(made.Select(transaction => transaction.TransactionId), results.Select(result => result.Transaction.TransactionId));
            Assert.Equal(details, results.Sum(result => result.Lines.Count));
            foreach (var (transaction, lines) in results)
            {
                Assert.InRange(transaction.TransactionDate!.Value, people[transaction.UserId!.Value].RegistrationDate!.Value, BatchPlan.FixedReferenceTime);
                Assert.All(lines, line =>
                {
                    Assert.Equal((transaction.TransactionId, transaction.UserId, null), (line.TransactionId!.Value, line.UserId, line.Id));
                    Assert.InRange(line.CreatedAt!.Value, transaction.TransactionDate.Value, BatchPlan.FixedReferenceTime);
                });
                if (lines.Count > 0)
                {
                    Assert.Equal(lines.Sum(line => line.Quantity * line.UnitPrice), transaction.Amount);
                }
            }
        }
    }

    [Fact]
    public void Money_has_two_digits_after_the_point()
    {
        var options = new GenerationOptions { Seed = 1 };
        var users = RecordGenerator.MakeUsers(5, options).ToArray();
        var transactions = RecordGenerator.MakeTransactions(users, 50, options).ToArray();
        var lines = RecordGenerator.MakeDetails(transactions, 200, options).SelectMany(result => result.Lines);

        foreach (var money in transactions.Select(transaction => transaction.Amount).Concat(lines.Select(line => line.UnitPrice)))
        {
            Assert.Matches(@"^\d+\.\d\d$", money!.Value.ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Same_seed_gives_the_same_records_and_no_seed_others_each_time()
    {
        var seeded = new GenerationOptions { Seed = 42 };

        Assert.Equal(RecordGenerator.MakeUsers(1000, seeded), RecordGenerator.MakeUsers(1000, seeded));
        Assert.Equal(RecordGenerator.MakeUsers(1000, seeded).Take(10), RecordGenerator.MakeUsers(10, seeded));
        Assert.Empty(RecordGenerator.MakeUsers(100, new()).Select(user => user.UserId).Intersect(RecordGenerator.MakeUsers(100, new()).Select(user => user.UserId)));
        Assert.Empty(RecordGenerator.MakeUsers(100, new()).Select(user => user.Email).Intersect(RecordGenerator.MakeUsers(100, new()).Select(user => user.Email)));
    }

    [Fact]
    public void Users_come_one_by_one_and_a_reference_time_is_kept()
    {
        var reference = new DateTime(2020, 5, 5, 0, 0, 0, DateTimeKind.Utc);

        // As many as there can be: only those that are asked for are made.
        var users = RecordGenerator.MakeUsers(4_000_000_000, new GenerationOptions { ReferenceTime = reference }).Take(1000).ToArray();

        Assert.All(users, user => Assert.InRange(user.RegistrationDate!.Value, reference.AddDays(-731), reference));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Counts_that_cannot_be_made_are_refused(long count)
    {
        var error = Assert.Throws<StreamingException>(() => RecordGenerator.MakeUsers(count, new GenerationOptions()));

        Assert.Equal(("RowCountOutOfRange", StreamingErrorKind.InvalidInput), (error.ErrorId, error.Kind));
    }

    [Fact]
    public void Transactions_without_users_and_lines_without_transactions_are_refused()
    {
        Assert.Equal("NoParents", Assert.Throws<StreamingException>(() => RecordGenerator.MakeTransactions([], 1, new GenerationOptions())).ErrorId);
        Assert.Equal("NoParents", Assert.Throws<StreamingException>(() => RecordGenerator.MakeDetails([], 1, new GenerationOptions())).ErrorId);
        Assert.Empty(RecordGenerator.MakeTransactions([], 0, new GenerationOptions()));
    }
}
