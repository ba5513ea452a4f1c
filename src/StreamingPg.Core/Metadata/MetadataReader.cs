using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamingPg.Core.Checks;
using StreamingPg.Core.Files;
using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads metadata.json into a <see cref="StreamModel"/>.</summary>
/// <remarks>
/// The document is an object with one property per table; a table has <c>columns</c> and may have a <c>description</c>;
/// a column has a <c>type</c> and may have <c>primary_key</c>, <c>foreign_key</c> (<c>table</c> and <c>column</c>),
/// <c>auto_increment</c> and a <c>description</c>. Several columns with <c>primary_key</c> form a composite key; columns
/// that refer to all columns of such a key form one composite foreign key.
/// </remarks>
internal static class MetadataReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly Lazy<StreamModel> DefaultModel = new(ParseDefault);

    /// <summary>The model of the embedded default metadata: users, transactions, detailed_transactions.</summary>
    public static StreamModel Default => DefaultModel.Value;

    /// <summary>Reads metadata from text.</summary>
    /// <param name="json">The JSON text.</param>
    /// <param name="source">Name shown in errors: a file path, or <c>metadata</c>.</param>
    /// <param name="own">Generators of the user's own, which the metadata may name.</param>
    /// <exception cref="StreamingException">The metadata is not usable; the message names the place and the reason.</exception>
    public static StreamModel Parse(string json, string source = "metadata", OwnGenerators? own = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(source);
        using var document = ParseJson(json, source);
        var parser = new TableParser(source);
        var tables = parser.ParseTables(document.RootElement);
        tables = own is null ? tables : [.. tables.Select(draft => draft with { Table = own.Resolve(draft.Table) })];
        var resolved = ForeignKeyResolver.Resolve(tables, source).Select(CheckNarrowing.Apply).ToList();
        var model = new StreamModel(LoadOrder.Sort(resolved, source)) { UserTypes = [.. parser.UserTypes.Where(type => type.Schema is null)], Rhythm = parser.Rhythm };
        model = CheckRules.Apply(LineItems.Apply(model));
        ColumnRuleCheck.Check(model, source);
        return own?.Override(model) ?? model;
    }

    /// <summary>True for the text of a document, where a path could be meant as well.</summary>
    public static bool IsText(string pathOrText)
    {
        ArgumentNullException.ThrowIfNull(pathOrText);
        return pathOrText.AsSpan().TrimStart() is ['{', ..];
    }

    /// <summary>Reads metadata from a file.</summary>
    /// <param name="path">Path of the file; null for the three default tables.</param>
    /// <param name="own">Generators of the user's own, which the metadata may name.</param>
    /// <exception cref="StreamingException">The file is missing, or its metadata is not usable.</exception>
    public static StreamModel Load(string? path, OwnGenerators? own = null) =>
        path is null ? own?.Override(Default) ?? Default : Parse(ReadFile(path), path, own);

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path, StrictUtf8);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StreamingException(
                ErrorIds.MetadataNotFound,
                StreamingErrorKind.NotFound,
                $"The metadata file \"{path}\" does not exist.",
                "Check the path.",
                path,
                exception);
        }
        catch (DecoderFallbackException exception)
        {
            throw MetadataError.At(path, "", "the file is not UTF-8 text", "Save it as UTF-8.", exception);
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            throw UserFile.Error(
                ErrorIds.MetadataUnreadable,
                StreamingErrorKind.InvalidInput,
                $"The metadata file \"{path}\" cannot be read",
                "Check that it is a file and that you may read it.",
                path,
                exception);
        }
    }

    private static JsonDocument ParseJson(string json, string source)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException exception)
        {
            var place = string.Create(
                CultureInfo.InvariantCulture,
                $"line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}");
            var reason = exception.Message.Split(" LineNumber:", 2)[0].TrimEnd('.');
            throw MetadataError.At(source, place, $"this is not valid JSON: {reason}", "", exception);
        }
        catch (ArgumentException exception)
        {
            throw MetadataError.At(source, "", "the text contains an incomplete surrogate pair", "", exception);
        }
    }

    private static StreamModel ParseDefault()
    {
        using var stream = typeof(MetadataReader).Assembly.GetManifestResourceStream("metadata.json")!;
        using var reader = new StreamReader(stream, StrictUtf8);
        return Parse(reader.ReadToEnd(), "the default metadata");
    }
}
