using StreamingPg.Cli.Infrastructure;

namespace StreamingPg.Tests.Unit.Doors;

/// <summary>What a shell offers where the cursor is (|).</summary>
public sealed class CompletionsTests
{
    [Theory]
    [InlineData("streamingpg |", "batch", "stream", "completion")]
    [InlineData("streamingpg up|", "update-schema")]
    [InlineData("streamingpg server |", "start", "stop", "status")]
    [InlineData("streamingpg batch --ro|", "--rows")]
    [InlineData("streamingpg batch --rows tra|", "transactions=30")]
    [InlineData("streamingpg batch --rows users=5 |", "transactions=30", "users=10")]
    [InlineData("streamingpg import --table |", "users", "transactions", "detailed_transactions")]
    [InlineData("streamingpg generate --table u| --count 5", "users")]
    [InlineData("streamingpg batch --locale d|", "de")]
    [InlineData("streamingpg health --threshold Conn|", "Connections=0.8,0.95")]
    [InlineData("streamingpg check --check Seq|", "Sequence *")]
    [InlineData("streamingpg generators --name person.f|", "person.full_name", "person.first_name")]
    [InlineData("streamingpg new-metadata --model b|", "bank", "blog")]
    [InlineData("streamingpg ledger --status |", "Complete", "Incomplete")]
    [InlineData("streamingpg test --ssl-mode V|", "VerifyCA", "VerifyFull")]
    public void Words_are_those_that_can_stand_there(string line, params string[] some)
    {
        var words = At(line)!;

        Assert.Superset(some.ToHashSet(), words.ToHashSet());
        var typed = line[..line.IndexOf('|', StringComparison.Ordinal)].Split(' ')[^1];
        Assert.All(words, word => Assert.StartsWith(typed, word, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("streamingpg batch --metadata |")]
    [InlineData("streamingpg import --file rows|")]
    [InlineData("streamingpg stream --log-path |")]
    public void A_file_is_left_to_the_shell(string line) => Assert.Null(At(line));

    [Theory]
    [InlineData("streamingpg batch --seed |")]
    [InlineData("streamingpg batch --host |")]
    [InlineData("streamingpg stream --interval |")]
    [InlineData("streamingpg batch --metadata /no/such/file.json --rows |")]
    [InlineData("streamingpg ledger --host /no/such/folder --batch-id |")]
    [InlineData("streamingpg growth --host /no/such/folder --schema |")]
    [InlineData("streamingpg growth --host /no/such/folder --database po|")]
    public void Nothing_is_offered_where_there_is_no_list_and_no_file_is_meant(string line) => Assert.Empty(At(line)!);

    [Fact]
    public void Flags_have_no_values() => Assert.DoesNotContain("True", At("streamingpg batch --resume |")!);

    [Fact]
    public void Tables_are_those_of_the_metadata()
    {
        var shop = Path.Combine(AppContext.BaseDirectory, "examples", "shop.json");

        Assert.Contains("reviews", At($"streamingpg generate --metadata {shop} --table |")!);
        Assert.DoesNotContain("users", At($"streamingpg generate --metadata {shop} --table |")!);
    }

    [Fact]
    public void An_option_without_its_value_is_wrong_usage_of_every_command()
    {
        var asked = 0;
        var tree = CommandTree.Create();
        foreach (var (name, command) in CommandLineDoor.Commands())
        {
            foreach (var option in command.Options.Where(option => option.Arity.MinimumNumberOfValues > 0))
            {
                Assert.True(tree.Parse([.. name.Split(' '), option.Name]).Errors.Count > 0, $"{name} {option.Name}");
                asked++;
            }
        }

        Assert.InRange(asked, 100, int.MaxValue);
    }

    private static List<string>? At(string line)
    {
        var cursor = line.IndexOf('|', StringComparison.Ordinal);
        return Completions.At(CommandTree.Create(), line.Remove(cursor, 1), cursor)?.Select(word => word.Text).ToList();
    }
}
