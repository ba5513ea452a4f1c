using System.Globalization;
using System.Text.RegularExpressions;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>What generated data must always satisfy, over many seeds and sizes.</summary>
public sealed partial class GuaranteeTests
{
    private const int Seeds = 50;

    public static TheoryData<int, int, int> Sizes => new()
    {
        { 0, 0, 0 }, { 1, 0, 0 }, { 5, 3, 0 }, { 1, 1, 1 }, { 10, 30, 100 }, { 10, 100, 30 }, { 1, 1, 500 }, { 1, 200, 200 }, { 200, 1, 3 }, { 50, 49, 51 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Hold_for_every_seed_and_size(int users, int transactions, int details)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            Check(GeneratedRows.Of(GeneratedRows.PlanOf(users, transactions, details, seed)), users, transactions, details);
        }
    }

    [Theory]
    [InlineData(3, 40, 150, 2)]
    [InlineData(3, 40, 150, 7)]
    [InlineData(1, 100, 10, 5)]
    [InlineData(2, 2, 300, 9)]
    [InlineData(1, 1, 1, 3)]
    [InlineData(100, 10, 1000, 4)]
    public void Hold_for_batches_of_several_parts(int users, int transactions, int details, int parts)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var plan = GeneratedRows.PlanOf(users, transactions, details, seed) with { Chunks = parts };
            Check(GeneratedRows.Of(plan), users, transactions, details);
            RefersOnlyToItsOwnChunkOrTheFirst(plan);
        }
    }

    [Theory]
    [InlineData(0, 30, 100, 0.5)]
    [InlineData(10, 30, 100, 0)]
    [InlineData(10, 30, 100, 1)]
    [InlineData(10, 300, 100, 0.5)]
    public void Hold_with_users_that_were_there_before(int users, int transactions, int details, double ratio)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var before = GeneratedRows.Of(GeneratedRows.PlanOf(20, 0, 0, seed, batchNumber: 1));
            using var existing = Existing("users", before);
            var plan = GeneratedRows.PlanOf(users, transactions, details, seed, batchNumber: 2, existing: Only(existing)) with { ExistingRatio = ratio };
            var generated = GeneratedRows.Of(plan);
            Check(generated, users, transactions, details, before);

            var old = before.Column<Guid>("users", "user_id").ToHashSet();
            var share = generated.Column<Guid>("transactions", "user_id").Average(user => old.Contains(user) ? 1.0 : 0);
            var expected = users == 0 ? 1 : ratio;
            Assert.InRange(share, Math.Max(0, expected - 0.45), Math.Min(1, expected + 0.45));
            if (expected is 0 or 1)
            {
                Assert.Equal(expected, share);
            }
        }
    }

    [Fact]
    public void Hold_for_lines_of_transactions_that_were_there_before()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var before = GeneratedRows.Of(GeneratedRows.PlanOf(5, 20, 0, seed));
            using var existing = Existing("transactions", before);
            var generated = GeneratedRows.Of(GeneratedRows.PlanOf(0, 0, 100, seed, batchNumber: 2, existing: Only(existing)));

            var userOf = before.Table("transactions").ToDictionary(row => (Guid)row[0]!, row => (Guid)row[1]!);
            var dateOf = before.Table("transactions").ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[3]!);
            Assert.Equal(100, generated.Table("detailed_transactions").Count);
            foreach (var line in generated.Table("detailed_transactions"))
            {
                Assert.Equal(userOf[(Guid)line[1]!], line[2]);
                Assert.InRange((DateTime)line[6]!, dateOf[(Guid)line[1]!], generated.Plan.ReferenceTime);
            }
        }
    }

    [Fact]
    public void A_parent_younger_than_the_reference_time_is_still_not_preceded()
    {
        using var existing = new ExistingRows(MetadataReader.Default.Table("users"));
        var registered = BatchPlan.FixedReferenceTime.AddDays(100);
        existing.Add(Guid.NewGuid(), null, null, null, null, registered);

        var generated = GeneratedRows.Of(GeneratedRows.PlanOf(0, 20, 20, existing: Only(existing)));

        Assert.All(generated.Column<DateTime>("transactions", "transaction_date"), time => Assert.True(time >= registered));
        Assert.All(generated.Column<DateTime>("detailed_transactions", "created_at"), time => Assert.True(time >= registered));
    }

    [Fact]
    public void Emails_of_batches_and_of_rows_without_a_batch_never_meet()
    {
        var emails = new HashSet<string>(StringComparer.Ordinal);
        var made = 0;
        foreach (var (seed, batch) in from seed in Enumerable.Range(1, 3) from batch in Enumerable.Range(0, 40) select (seed, batch))
        {
            // The batch number is unique in a schema, whatever the seed; rows without a batch (number 0) have only their seed.
            var number = batch == 0 ? 0 : (seed * 100) + batch;
            var generated = GeneratedRows.Of(GeneratedRows.PlanOf(50, 0, 0, seed, number));
            emails.UnionWith(generated.Column<string>("users", "email"));
            made += 50;
        }

        Assert.Equal(made, emails.Count);
    }

    [Fact]
    public void Ten_million_users_have_ten_million_addresses()
    {
        const int Rows = 10_000_000;
        var plan = GeneratedRows.PlanOf(Rows, 0, 0, batchNumber: 3);
        var column = new BatchGenerator(plan, 0).Table("users").Columns[plan.Model.Table("users").IndexOf("email")];
        using var block = new RowBlock();
        var writer = new RowWriter(block);

        // 64 bits of each address: the chance that any two different ones have the same is one in 370,000, and the rows never change.
        var hashes = new ulong[Rows];
        for (var row = 0; row < Rows; row++)
        {
            writer.DropRow();
            column.Write(writer, row);
            hashes[row] = Hash(writer.FieldAt(0));
        }

        Array.Sort(hashes);
        var repeated = 0;
        for (var row = 1; row < Rows; row++)
        {
            repeated += hashes[row] == hashes[row - 1] ? 1 : 0;
        }

        Assert.Equal(0, repeated);

        // FNV-1a, whose bits are mixed at the end (Fowler, Noll, Vo; the mixer is MurmurHash3's).
        static ulong Hash(ReadOnlySpan<byte> text)
        {
            var hash = 14_695_981_039_346_656_037UL;
            foreach (var letter in text)
            {
                hash = (hash ^ letter) * 1_099_511_628_211UL;
            }

            hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
            return hash ^ (hash >> 33);
        }
    }

    [Fact]
    public void A_product_has_one_price_in_all_batches_of_all_seeds()
    {
        var prices = new Dictionary<string, decimal>(StringComparer.Ordinal);
        for (var seed = 0; seed < Seeds; seed++)
        {
            foreach (var line in GeneratedRows.Of(GeneratedRows.PlanOf(1, 1, 300, seed, seed + 1)).Table("detailed_transactions"))
            {
                var (product, price) = ((string)line[3]!, (decimal)line[5]!);
                Assert.Equal(price, prices.TryGetValue(product, out var known) ? known : prices[product] = price);
                Assert.InRange(price, 0.01m, 1000m);
            }
        }

        Assert.True(prices.Count > 100, $"Only {prices.Count} products in 15,000 lines.");
    }

    [Fact]
    public void Statuses_come_with_their_weights()
    {
        var counts = GeneratedRows.Of(GeneratedRows.PlanOf(10, 20_000, 0)).Column<string>("transactions", "status")
            .CountBy(status => status).ToDictionary();

        Assert.Equal(["cancelled", "completed", "failed", "pending", "refunded"], counts.Keys.Order(StringComparer.Ordinal));
        Assert.InRange(counts["completed"], 15_200, 16_000);
        Assert.InRange(counts["pending"], 2_150, 2_650);
        Assert.InRange(counts["refunded"], 650, 950);
        Assert.InRange(counts["cancelled"], 650, 950);
        Assert.InRange(counts["failed"], 280, 520);
    }

    [Fact]
    public void Every_age_occurs_and_some_users_are_busier_than_others()
    {
        var generated = GeneratedRows.Of(GeneratedRows.PlanOf(5000, 20_000, 0));

        Assert.Equal(Enumerable.Range(18, 73), generated.Column<int>("users", "age").Distinct().Order());
        var perUser = generated.Column<Guid>("transactions", "user_id").CountBy(user => user).Select(user => user.Value).OrderDescending().ToArray();
        Assert.InRange(perUser.Take(500).Sum(), 20_000 * 0.28, 20_000 * 0.45);
    }

    private static void Check(GeneratedRows rows, int users, int transactions, int details, GeneratedRows? before = null)
    {
        Assert.Equal((users, transactions, details), (rows.Table("users").Count, rows.Table("transactions").Count, rows.Table("detailed_transactions").Count));
        var registered = rows.Table("users").Concat(before?.Table("users") ?? []).ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[5]!);
        Assert.All(rows.Table("users"), user => CheckUser(user, rows.Plan));

        var lines = rows.Table("detailed_transactions").ToLookup(line => (Guid)line[1]!);
        var made = rows.Table("transactions").ToDictionary(transaction => (Guid)transaction[0]!);
        foreach (var (id, transaction) in made)
        {
            // The lookup throws where the key refers to nobody.
            var date = (DateTime)transaction[3]!;
            Assert.InRange(date, registered[(Guid)transaction[1]!], rows.Plan.ReferenceTime);
            Assert.InRange((decimal)transaction[2]!, 0.01m, 99_999_999.99m);
            if (lines.Contains(id))
            {
                Assert.Equal(lines[id].Sum(line => (int)line[4]! * (decimal)line[5]!), transaction[2]);
            }
        }

        foreach (var line in rows.Table("detailed_transactions"))
        {
            var transaction = made[(Guid)line[1]!];
            Assert.Equal(transaction[1], line[2]);
            Assert.InRange((DateTime)line[6]!, (DateTime)transaction[3]!, rows.Plan.ReferenceTime);
            Assert.InRange((int)line[4]!, 1, 5);
            Assert.NotEqual("", line[3]);
        }

        if (details >= transactions)
        {
            Assert.Equal(transactions, lines.Count);
        }

        Assert.Equal(Enumerable.Range(1001, details), rows.Column<int>("detailed_transactions", "id"));
        CheckKeys([.. rows.Column<Guid>("users", "user_id")]);
        CheckKeys([.. rows.Column<Guid>("transactions", "transaction_id")]);
        Assert.Equal(users, rows.Column<string>("users", "email").Distinct(StringComparer.Ordinal).Count());
    }

    private static void CheckUser(object?[] user, BatchPlan plan)
    {
        var (name, email) = ((string)user[1]!, (string)user[2]!);
        var address = Address().Match(email);
        Assert.True(address.Success, email);

        // Names of the English pools are plain letters: what remains of each is its slug; the first may be an initial.
        var slugs = name.Split(' ').Select(part => string.Concat(part.Where(char.IsAsciiLetter)).ToLowerInvariant()).ToArray();
        Assert.Contains(address.Groups["name"].Value, new[] { $"{slugs[0]}.{slugs[1]}", $"{slugs[0]}_{slugs[1]}", $"{slugs[0]}-{slugs[1]}", $"{slugs[0][0]}{slugs[1]}" });
        Assert.InRange((int)user[3]!, 18, 90);
        Assert.NotEqual("", user[4]);
        Assert.InRange((DateTime)user[5]!, plan.ReferenceTime.AddYears(-3), plan.ReferenceTime);
    }

    /// <summary>Version 7, variant 10, and each key above the one before it, as PostgreSQL orders them.</summary>
    private static void CheckKeys(Guid[] keys)
    {
        var texts = keys.Select(key => key.ToString()).ToArray();
        Assert.All(texts, text => Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", text));
        for (var row = 1; row < texts.Length; row++)
        {
            Assert.True(string.CompareOrdinal(texts[row - 1], texts[row]) < 0, $"{texts[row - 1]} is not below {texts[row]}.");
        }
    }

    /// <summary>The first part is committed before the others begin, and these load at the same time: no other can be referred to.</summary>
    private static void RefersOnlyToItsOwnChunkOrTheFirst(BatchPlan plan)
    {
        var generated = GeneratedRows.Of(plan);
        var users = generated.Column<Guid>("users", "user_id").ToList();
        var generators = Enumerable.Range(0, plan.Chunks).Select(part => new BatchGenerator(plan, part)).ToArray();
        var (userTable, transactionTable) = (plan.Model.Table("users"), plan.Model.Table("transactions"));
        foreach (var generator in generators)
        {
            var own = generator.Rows(transactionTable);
            var allowed = generator.RowsToReferTo(userTable);
            Assert.True(allowed == generator.Rows(userTable) || allowed == generators[0].Rows(userTable));
            for (var row = own.From; row < own.To; row++)
            {
                Assert.InRange(users.IndexOf((Guid)generated.Table("transactions")[(int)row][1]!), allowed.From, allowed.To - 1);
            }
        }
    }

    private static ExistingRows Existing(string table, GeneratedRows rows)
    {
        var existing = new ExistingRows(rows.Plan.Model.Table(table));
        foreach (var row in rows.Table(table))
        {
            existing.Add(row);
        }

        return existing;
    }

    private static Dictionary<string, ExistingRows> Only(ExistingRows existing) => new() { [existing.Table.Name] = existing };

    [GeneratedRegex(@"^(?<name>[a-z]+[._-]?[a-z]+)\.?\d*@(example\.(com|org|net)|[a-z]+\.example)$", RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
