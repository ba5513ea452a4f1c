using System.Text;
using StreamingPg.Core.Catalog;

namespace StreamingPg.Tests.Unit.Schema;

public sealed class ObjectNamesTests
{
    [Fact]
    public void Names_are_in_the_style_of_PostgreSQL()
    {
        var names = new ObjectNames([]);

        Assert.Equal("transactions_user_id_fkey", names.Pick("transactions", ["user_id"], "fkey"));
        Assert.Equal("lines_shop_number_idx", names.Pick("lines", ["shop", "number"], "idx"));
    }

    [Fact]
    public void A_taken_name_gets_a_number()
    {
        var names = new ObjectNames(["a_b_idx"]);

        Assert.Equal("a_b_idx1", names.Pick("a", ["b"], "idx"));
        Assert.Equal("a_b_idx2", names.Pick("a", ["b"], "idx"));
        Assert.Equal("a_b_c_fkey", names.Pick("a_b", ["c"], "fkey"));
        Assert.Equal("a_b_c_fkey1", names.Pick("a", ["b_c"], "fkey"));
    }

    [Fact]
    public void A_long_name_is_cut_between_characters_and_stays_its_own()
    {
        var table = new string('ä', 31);
        for (var length = 1; length <= 31; length++)
        {
            var column = new string('ö', length);
            var first = new ObjectNames([]).Pick(table, [column, "a"], "fkey");
            var second = new ObjectNames([]).Pick(table, [column, "b"], "fkey");

            Assert.Equal(first, new ObjectNames([]).Pick(table, [column, "a"], "fkey"));
            Assert.NotEqual(first, second);
            Assert.InRange(Encoding.UTF8.GetByteCount(first), 40, 63);
            Assert.DoesNotContain('\uFFFD', first);
            Assert.EndsWith("_fkey", first, StringComparison.Ordinal);
        }
    }
}
