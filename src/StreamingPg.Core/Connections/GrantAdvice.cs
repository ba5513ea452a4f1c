using System.Text.RegularExpressions;
using Npgsql;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Connections;

/// <summary>Which GRANT helps against a missing right.</summary>
internal static partial class GrantAdvice
{
    /// <summary>Advice for an error with SQLSTATE 42501.</summary>
    public static string For(PostgresException error, StreamingConnection connection)
    {
        if (error.Routine is "ExecWithCheckOptions")
        {
            return "Row-level security does not allow the role to write or see such rows. Ask the owner of the table for a policy that does, or use a role with BYPASSRLS.";
        }

        var denied = DeniedPattern().Match(error.MessageText);
        if (!denied.Success)
        {
            return "Ask the owner of the object or a superuser for the privilege.";
        }

        var name = denied.Groups["name"].Value;
        return denied.Groups["kind"].Value switch
        {
            "schema" => Use("USAGE, CREATE", "SCHEMA", Identifier.Quote(name), connection),
            "sequence" => Use("USAGE, SELECT, UPDATE", "SEQUENCE", Identifier.Quote(connection.Schema, name), connection),
            "database" => Use("CONNECT, CREATE", "DATABASE", Identifier.Quote(name), connection),
            _ => Use("SELECT, INSERT, UPDATE, DELETE", "TABLE", Identifier.Quote(connection.Schema, name), connection),
        };
    }

    /// <summary>The statement that gives rights, as a sentence.</summary>
    public static string Use(string rights, string kind, string quotedName, StreamingConnection connection) =>
        $"As its owner or a superuser, run: GRANT {rights} ON {kind} {quotedName} TO {Role(connection)};";

    private static string Role(StreamingConnection connection) =>
        connection.UserName.Length == 0 ? "<your role>" : Identifier.Quote(connection.UserName);

    [GeneratedRegex("^permission denied for (?<kind>table|relation|schema|sequence|database) \"?(?<name>.+?)\"?$")]
    private static partial Regex DeniedPattern();
}
