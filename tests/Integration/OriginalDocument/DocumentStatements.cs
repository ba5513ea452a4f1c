using System.Text.RegularExpressions;

namespace StreamingPg.Tests.Integration.OriginalDocument;

/// <summary>The SQL of the original document, taken out of its text.</summary>
internal static partial class DocumentStatements
{
    private static readonly string Document = ReadDocument();

    /// <summary>The metadata.json of the document.</summary>
    public static string Metadata { get; } = JsonBlock().Match(Document).Groups[1].Value;

    /// <summary>The CREATE TABLE statements in order.</summary>
    public static IReadOnlyList<string> CreateTables { get; } =
        [.. SqlBlocks().Where(statement => statement.Contains("CREATE TABLE", StringComparison.Ordinal))];

    /// <summary>Everything else: the queries of the sql blocks and what the shell commands hand to <c>psql -c</c>.</summary>
    public static IReadOnlyList<string> Queries { get; } =
        [.. SqlBlocks().Where(statement => !statement.Contains("CREATE TABLE", StringComparison.Ordinal)), .. PsqlCommands()];

    private static IEnumerable<string> SqlBlocks() =>
        SqlBlock().Matches(Document)
            .SelectMany(block => block.Groups[1].Value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(statement => statement + ";");

    /// <summary>Inside <c>watch '...'</c> the shell spells a quote as <c>'\''</c>.</summary>
    private static IEnumerable<string> PsqlCommands() =>
        PsqlCommand().Matches(Document).Select(command => command.Groups[1].Value.Replace(@"'\''", "'", StringComparison.Ordinal).Trim());

    private static string ReadDocument()
    {
        using var stream = typeof(DocumentStatements).Assembly.GetManifestResourceStream("original-pipeline.md")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("```sql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex SqlBlock();

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex("psql -U user -d streaming_db -c \"(.*?)\"", RegexOptions.Singleline)]
    private static partial Regex PsqlCommand();
}
