using StreamingPg.Core.Filling;

namespace StreamingPg.Tests.Unit.Checks;

/// <summary>What the source of a trigger function compares the new row with.</summary>
public sealed class TriggerTextTests
{
    [Theory]
    [InlineData("PERFORM 1 FROM stock.copy WHERE id = NEW.target_copy;", "target_copy -> stock.copy.id")]
    [InlineData("PERFORM 1 FROM stock.copy WHERE NEW.target_copy = id; -- NEW.x = y", "target_copy -> stock.copy.id")]
    [InlineData("SELECT 1 INTO dummy FROM acq.fund WHERE org = NEW.org AND code = NEW.fund_code LIMIT 1;", "org, fund_code -> acq.fund.org, code")]
    [InlineData("IF EXISTS (SELECT * FROM a JOIN \"B c\" AS b ON b.a = a.id WHERE a.x = new.p AND b.y = new.q) THEN", "p -> a.x | q -> B c.y")]
    [InlineData("BEGIN wanted := NEW.page_id; PERFORM FROM page WHERE page.id = wanted;", "page_id -> page.id")]
    [InlineData("EXECUTE 'SELECT ($1).' || quote_ident(TG_ARGV[1]) INTO wanted USING NEW; PERFORM * FROM page WHERE id = wanted;", "page_id -> page.id")]
    [InlineData("IF NEW.kind NOT IN ('a', 'it''s') OR new.\"State\" <> 'open' THEN RAISE", "kind: a it's | State: open")]
    [InlineData("/* FROM t WHERE id = NEW.id */ NEW.total := NEW.a + 1; IF NEW.a >= 3 AND x => NEW.b THEN", "")]
    [InlineData("SELECT * FROM generate_series(1, NEW.n) AS g WHERE g <= NEW.n;", "")]
    public void Columns_are_compared_with_rows_and_constants(string source, string expected)
    {
        var found = TriggerText.Read(source, ["x", "page_id"]);

        Assert.Equal(expected, string.Join(" | ", found.Select(Text)));
    }

    [Fact]
    public void Sources_of_any_kind_are_read_and_never_hang()
    {
        Assert.Empty(TriggerText.Read("x = TG_ARGV[99999999999999999999] INTO wanted; y = TG_ARGV[\u0663] INTO other;", ["id"]));

        // Whatever they give, in the time that a test has.
        TriggerText.Read(string.Concat(Enumerable.Repeat("/*", 200_000)), []);
        TriggerText.Read(new string(' ', 100_000) + string.Concat(Enumerable.Repeat("TG_ARGV[1] BEGIN THEN ", 20_000)), ["a", "b"]);
    }

    private static string Text(TriggerComparison comparison) => comparison.Table.Length == 0
        ? $"{comparison.Columns[0]}: {string.Join(' ', comparison.Values)}"
        : $"{string.Join(", ", comparison.Columns)} -> {(comparison.Schema.Length == 0 ? "" : comparison.Schema + ".")}{comparison.Table}.{string.Join(", ", comparison.ParentColumns)}";
}
