using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Filling;

/// <summary>The statement that adds those candidates of a table that break none of its constraints.</summary>
internal static class SieveSql
{
    private const string Alias = "candidate";

    /// <summary>Adds candidates from one array per column (<c>$1</c> and so on), at most as many as the last parameter says.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="table">The table.</param>
    /// <param name="checks">The CHECK constraints that candidates may break.</param>
    /// <param name="skipTaken">True to leave out what a unique or an exclusion constraint refuses; a table with rules does not take it.</param>
    public static string Insert(string schema, TableModel table, IReadOnlyList<UnreadCheck> checks, bool skipTaken)
    {
        ColumnModel[] columns = [.. table.WrittenColumns];
        var names = Identifier.QuoteList(columns.Select(column => column.Name));
        var values = columns.Select((column, index) => $"c{index}::{ColumnSql.TypeName(schema, WithoutDomain(column.Type))} AS {Identifier.Quote(column.Name)}");
        var arrays = string.Join(", ", columns.Select((_, index) => $"${index + 1}"));
        var fields = string.Join(", ", columns.Select((_, index) => $"c{index}"));
        var conditions = checks.Where(check => IsAbout(check, columns)).Select(check => Condition(check, columns)).Append(SessionSettings.RolePathHolds);
        return $"""
            INSERT INTO {Identifier.Quote(schema, table.Name)} ({names}){(table.SequenceColumn is null ? "" : " OVERRIDING SYSTEM VALUE")}
            SELECT {names} FROM (SELECT {string.Join(", ", values)} FROM unnest({arrays}) AS v ({fields})) AS {Alias}
            WHERE {string.Join("\n  AND ", conditions)}
            LIMIT ${columns.Length + 1}{(skipTaken ? "\nON CONFLICT DO NOTHING" : "")}
            """;
    }

    /// <summary>True when all that a CHECK names is written; else the server alone looks at it.</summary>
    private static bool IsAbout(UnreadCheck check, ColumnModel[] columns) => check.IsDomain
        ? columns.Any(column => column.Name == check.Column)
        : Checks.SqlConstant.ColumnsOf(check.Expression).All(name => columns.Any(column => column.Name == name));

    /// <summary>The CHECK of a domain speaks of VALUE.</summary>
    private static string Condition(UnreadCheck check, ColumnModel[] columns)
    {
        var expression = $"{ColumnSql.InBrackets(check.Expression)} IS NOT FALSE";
        return check.IsDomain
            ? $"(SELECT {expression} FROM (SELECT {Alias}.{Identifier.Quote(columns.First(column => column.Name == check.Column).Name)} AS value) AS d)"
            : $"({expression})";
    }

    /// <summary>A value that its domain refuses would end the statement, not the row.</summary>
    private static ColumnType WithoutDomain(ColumnType type) =>
        type is { Kind: ColumnKind.Literal, UserType.Schema: not null } ? type // a range of its own is no domain
        : type.UserType?.Base is { } over ? WithoutDomain(over) : type.WithoutSequence();
}
