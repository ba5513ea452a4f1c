using System.Text;
using StreamingPg.Core.Loading.Import;

namespace StreamingPg.Tests.Unit.Import;

/// <summary>Files cut into records: nothing is joined, dropped or ended where the writer did not.</summary>
public sealed class InputTextTests
{
    [Theory]
    [InlineData("a,b\n1,\n", "[a|b][1|-]")]
    [InlineData("1,\"\"\r\n,\"a \"\"q\"\", c\r\nd\"\r\n", "[1|][-|a \"q\", c\r\nd]")]
    [InlineData("a\n\n\"\"\n", "[a][-][]")]
    [InlineData("1,x\"y\n2,z\n", "[!1,x\"y][2|z]")]
    [InlineData("1,\"x\"y\n2,z\n", "[!1,\"x\"y][2|z]")]
    [InlineData("1,a\rb\n", "[1|a][b]")]
    [InlineData("h\n1,a\rb\n2\n", "[h][!1,a\rb][2]")]
    [InlineData("1;\"a;b\";c", "[1|a;b|c]", ';')]
    [InlineData("1\t\"\t\"", "[1|\t]", '\t')]
    [InlineData("1,\"open\n2,3\n", "[!1,\"open\n2,3]")]
    public void Csv_records(string text, string expected, char delimiter = ',')
    {
        foreach (var chunk in new[] { 1, 3, 1000 })
        {
            var csv = new CsvReader(new SlowReader(text, chunk), delimiter);
            var read = new StringBuilder();
            while (csv.Read())
            {
                read.Append('[').Append(csv.Fault is null ? string.Join('|', csv.Fields.Select(field => field ?? "-")) : "!" + csv.Text).Append(']');
            }

            Assert.Equal(expected, read.ToString());
        }
    }

    [Fact]
    public void Csv_of_any_size_comes_back()
    {
        var random = new Random(11);
        var rows = Enumerable.Range(0, 3000).Select(_ => Enumerable.Range(0, 3)
            .Select(_ => random.Next(4) == 0 ? null : new string([.. Enumerable.Range(0, random.Next(200)).Select(_ => "ab,\"\r\n é"[random.Next(8)])])).ToArray()).ToList();
        var text = string.Concat(rows.Select(row => string.Join(',', row.Select(field => field is null ? "" : $"\"{field.Replace("\"", "\"\"")}\"")) + "\r\n"));

        var csv = new CsvReader(new SlowReader(text, 977));
        foreach (var row in rows)
        {
            Assert.True(csv.Read());
            Assert.Equal(row, csv.Fields);
        }

        Assert.False(csv.Read());
    }

    [Theory]
    [InlineData("{\"a\":1}\n\n{\"a\":2}", "{\"a\":1}|{\"a\":2}", false)]
    [InlineData("[{\"a\":\"]\\\"\"},\n {\"a\":2}]\n", "{\"a\":\"]\\\"\"}|{\"a\":2}", false)]
    [InlineData("[]", "", false)]
    [InlineData(" [\n]\n", "", false)]
    [InlineData("{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\n  \"a\": 2\n}", "{\n  \"a\": {\n    \"b\": 1\n  }\n}|{\n  \"a\": 2\n}", false)]
    [InlineData("{\"a\":\n{\"a\":2}", "{\"a\":|{\"a\":2}", false)]
    [InlineData("{\"a\":\"cut\n{\"a\":2}", "{\"a\":\"cut|{\"a\":2}", false)]
    [InlineData("{\"a\":1}\n{\"a\":", "{\"a\":1}|{\"a\":", true)]
    [InlineData("[{\"a\":1},", "{\"a\":1}|", true)]
    [InlineData("[{\"a\":1}", "{\"a\":1}", true)]
    [InlineData("[", "", true)]
    [InlineData("oops\n{\"a\":2}", "oops|{\"a\":2}", false)]
    public void Json_records(string text, string expected, bool isUnfinished)
    {
        var records = new JsonRecords(new StringReader(text));
        var read = new List<string>();
        while (!records.IsUnfinished && records.Read())
        {
            read.Add(records.Text);
        }

        Assert.Equal(expected, string.Join('|', read));
        Assert.Equal(isUnfinished, records.IsUnfinished);
    }

    [Theory]
    [InlineData("utf-8", "61 C3 A9", null)]
    [InlineData("utf-8", "61 0A E9 62", "byte 0xE9 at position 2, in line 2")]
    [InlineData("utf-8", "61 C3", "byte 0xC3 at position 1, in line 1")]
    [InlineData("windows-1252", "61 E9", null)]
    [InlineData("us-ascii", "61 E9", "byte 0xE9 at position 1, in line 1")]
    [InlineData("utf-8", "FF FE 61 00 E9 00", null)]
    [InlineData("utf-8", "EF BB BF 61 C3 A9", null)]
    [InlineData("utf-8", "EF BB BF FF", "byte 0xFF at position 3, in line 1")]
    public void Bytes_are_decoded_or_named(string encoding, string bytes, string? fault)
    {
        var stream = new MemoryStream(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)));
        using var text = new EncodedText(stream, InputEncoding.Find(encoding));
        if (fault is null)
        {
            Assert.Equal("aé".Length, text.ReadToEnd().Length);
            return;
        }

        var error = Assert.Throws<StreamingException>(text.ReadToEnd);
        Assert.Equal("InputEncodingInvalid", error.ErrorId);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_faulty_byte_far_behind_is_named_by_its_place()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ä line\n", 50_000)));
        bytes[^1] = 0xFE;

        var error = Assert.Throws<StreamingException>(() => new EncodedText(new MemoryStream(bytes), InputEncoding.Utf8).ReadToEnd());

        Assert.Contains($"position {bytes.Length - 1}, in line 50000", error.Message, StringComparison.Ordinal);
    }

    private sealed class SlowReader(string text, int most) : TextReader
    {
        private int _at;

        public override int Read(Span<char> buffer)
        {
            var count = Math.Min(Math.Min(most, buffer.Length), text.Length - _at);
            text.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }
    }
}
