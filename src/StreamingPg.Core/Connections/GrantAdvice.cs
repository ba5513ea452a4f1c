using Npgsql;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Connections;

/// <summary>What helps against a missing right.</summary>
internal static class GrantAdvice
{
    /// <summary>
    /// Advice for an error with SQLSTATE 42501, which says what was refused, and not which rights are needed: the table of rights does, which
    /// the front ends ask for what their command does.
    /// </summary>
    public static string For(PostgresException error, StreamingConnection connection) => error switch
    {
        { Routine: "ExecWithCheckOptions" } =>
            "Row-level security does not allow the role to write or see such rows. Ask the owner of the table for a policy that does, or use a role with BYPASSRLS.",
        _ when error.MessageText.StartsWith("permission denied for database ", StringComparison.Ordinal) =>
            Use(error.InvariantSeverity == "FATAL" ? "CONNECT" : "CREATE", GrantKind.Database, Identifier.Quote(connection.Database), connection),
        _ when error.MessageText.StartsWith("must be owner", StringComparison.Ordinal) =>
            "Only its owner may do this: run the command as the owner, or as a member of that role.",
        _ => "Test-StreamingConnection -For (streamingpg test --for) names the rights that the role lacks for a command.",
    };

    /// <summary>The statement that gives rights, as a sentence.</summary>
    /// <param name="rights">The rights.</param>
    /// <param name="kind">What they are on, one of <see cref="GrantKind"/>.</param>
    /// <param name="quotedName">Its name.</param>
    /// <param name="connection">The connection whose role gets them.</param>
    public static string Use(string rights, string kind, string quotedName, StreamingConnection connection) =>
        Use(rights, kind, quotedName, connection.UserName);

    /// <summary>The same for the role of an open connection.</summary>
    public static string Use(string rights, string kind, string quotedName, NpgsqlConnection open) =>
        Use(rights, kind, quotedName, new NpgsqlConnectionStringBuilder(open.ConnectionString).Username ?? "");

    /// <summary>What helps who is not the owner, as a sentence.</summary>
    public static string BeOwner(string owner, StreamingConnection connection) =>
        $"Run the command as {Identifier.Quote(owner)}, or as a superuser run: GRANT {Identifier.Quote(owner)} TO {Role(connection.UserName)};";

    private static string Use(string rights, string kind, string quotedName, string role) =>
        $"As its owner or a superuser, run: GRANT {rights} ON {kind} {quotedName} TO {Role(role)};";

    private static string Role(string name) => name.Length == 0 ? "<your role>" : Identifier.Quote(name);
}

/// <summary>Kinds of objects as GRANT spells them.</summary>
internal static class GrantKind
{
    public const string Table = "TABLE";
    public const string Schema = "SCHEMA";
    public const string Sequence = "SEQUENCE";
    public const string Database = "DATABASE";

    /// <summary>No object, but to be the owner of one.</summary>
    public const string Owner = "OWNER";
}
