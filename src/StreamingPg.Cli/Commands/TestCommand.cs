using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Rights;

namespace StreamingPg.Cli.Commands;

/// <summary>Tries a connection and says what is missing.</summary>
internal static class TestCommand
{
    private static readonly Option<ConnectionPurpose[]> For = new("--for")
    {
        Description = "What the role is to do: the rights for that are tested; can be repeated [default: Batch]",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "test",
            "Tests the connection: server version, latency, TLS, permissions, and what is missing.",
            "test",
            "test --for Stream Retention",
            "test --host db.example.com --database shop --username loader --ssl-mode VerifyFull");
        command.Add(For);
        DatabaseOptions.AddTo(command);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var test = await ConnectionTester.TestAsync(connection, model, parsed.GetValue(For) ?? [], cancellationToken).ConfigureAwait(false);
            output.Write(
                test,
                ("server", test.Server),
                ("settings from", test.Source?.ToString()),
                ("version", test.ServerVersion),
                ("role", test.UserName),
                ("latency", DisplayText.Duration(test.Latency)),
                ("tls", test.Tls),
                ("schema exists", YesOrNo(test.SchemaExists)),
                ("can create", YesOrNo(test.CanCreate)),
                ("can load", YesOrNo(test.CanLoad)),
                ("foreign keys by set", YesOrNo(test.CanCheckBySet)),
                ("tested for", string.Join(", ", test.For)),
                ("result", test.Success ? "good" : "not good"));
            foreach (var sentence in test.Missing.Concat(test.Optional).Concat(test.RowSecurity))
            {
                output.Say($"- {sentence}");
            }

            return test.Success ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static string YesOrNo(bool value) => value ? "yes" : "no";
}
