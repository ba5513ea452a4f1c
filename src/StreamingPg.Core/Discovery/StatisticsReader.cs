using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Checks;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Discovery;

/// <summary>Learns from pg_stats how the values of columns are distributed, so that new rows look like the old ones.</summary>
internal sealed class StatisticsReader
{
    // Where the common values are nearly all values, a column is a list of these; the others are too rare to be missed.
    private const double NearlyAll = 0.95;
    private const int MaxValues = 200;

    // A hundred bounds of texts whose lengths differ much can miss their mean by nearly as much.
    private const double MuchWider = 2;
    private const int HeaderBytes = 4;

    // The values of an array's elements say nothing about whole arrays.
    private const string Sql =
        """
        SELECT s.tablename::text, s.attname::text, s.null_frac::float8,
               CASE WHEN t.typcategory <> 'A' THEN s.most_common_vals::text::text[] END, s.most_common_freqs::float8[],
               CASE WHEN t.typcategory <> 'A' THEN s.histogram_bounds::text::text[] END, s.avg_width::float8
        FROM pg_catalog.pg_stats s
        JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        WHERE s.schemaname = $1 AND s.tablename = ANY ($2) AND s.inherited = (c.relkind = 'p')
        """;

    private readonly TableSelection _selection;
    private readonly StreamModel? _sensitive;
    private readonly Dictionary<ColumnReference, LearntColumn> _learnt = [];
    private readonly HashSet<string> _withStatistics = new(StringComparer.Ordinal);

    private StatisticsReader(TableSelection selection, StreamModel? sensitive)
    {
        _selection = selection;
        _sensitive = sensitive;
    }

    /// <summary>Reads what is known of the columns of the selected tables.</summary>
    /// <param name="open">A connection.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="selection">The tables.</param>
    /// <param name="sensitive">Metadata that says which columns are sensitive, or null.</param>
    /// <param name="notes">Gets the tables without statistics.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyDictionary<ColumnReference, LearntColumn>> ReadAsync(
        NpgsqlConnection open, string schema, TableSelection selection, StreamModel? sensitive, List<DiscoveryNote> notes, CancellationToken cancellationToken)
    {
        var reader = new StatisticsReader(selection, sensitive);
        var commands = new CommandBatch(open);
        commands.Query(Sql, reader.ReadRow, Parameter.Of(schema), Parameter.Of(selection.Tables.Select(table => table.Name).ToArray()));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        notes.AddRange(selection.Tables.Where(table => !reader._withStatistics.Contains(table.Name)).Select(table => new DiscoveryNote(
            table.Name,
            null,
            "the server has no statistics of it, so nothing is learned from its rows.",
            $"Run ANALYZE {Identifier.Quote(schema, table.Name)}; and read again.")));
        return reader._learnt;
    }

    private void ReadRow(NpgsqlDataReader row)
    {
        var table = _selection.Table(row.GetString(0));
        _withStatistics.Add(table.Name);
        var column = table.Find(row.GetString(1));
        if (column?.Type is not { } type || !_selection.Has(table, column.Name) || column.IsGenerated || column.HasSequence)
        {
            return;
        }

        var isUnique = IsUnique(table, column.Name);
        var learnt = new LearntColumn(type)
        {
            NullRatio = column.TakesNull && !isUnique ? row.GetDouble(2) : 0,
            IsSensitive = IsSensitive(table.Name, column.Name),
        };
        if (!learnt.IsSensitive && !isUnique && !table.ForeignKeys.Exists(key => key.Columns.Contains(column.Name)))
        {
            learnt = WithValues(
                learnt,
                HasFreeText(table, column.Name, type),
                [.. Texts(row, 3).Zip(row.IsDBNull(4) ? [] : row.GetFieldValue<double[]>(4))],
                Texts(row, 5),
                1 - row.GetDouble(2),
                row.GetDouble(6));
        }

        _learnt[new ColumnReference(table.Name, column.Name)] = learnt;
    }

    private static LearntColumn WithValues(
        LearntColumn learnt, bool isFreeText, IReadOnlyList<(string Value, double Frequency)> common, IReadOnlyList<string> bounds, double notNull, double width)
    {
        // Infinity, times before the year 1 and the like: metadata has no word for them.
        common = [.. common.Where(value => IsTaken(learnt.Type, value.Value))];
        var covered = common.Sum(value => value.Frequency);
        var isList = learnt.Type.IsText || learnt.Type.Kind is ColumnKind.Boolean or ColumnKind.Enum || ValueLine.Has(learnt.Type);
        if (common.Count is > 0 and <= MaxValues && isList && covered >= NearlyAll * notNull)
        {
            return learnt with { Values = common };
        }

        if (isFreeText)
        {
            // The bounds of the server's histogram are a sample of the texts up to 1 KB. Where longer ones make the mean, it says nothing.
            if (width > MuchWider * MeanWidth(common, bounds, notNull))
            {
                return learnt;
            }

            var lengths = bounds.Select(bound => bound.Length).Order().Select(Spell).ToList();
            return learnt with
            {
                Bounds = Histogram.Join(
                    new ColumnType(ColumnKind.Integer),
                    [.. common.GroupBy(value => value.Value.Length).Select(group => (Spell(group.Key), group.Sum(value => value.Frequency)))],
                    lengths,
                    lengths.Count > 1 ? Math.Max(0, notNull - covered) : 0),
            };
        }

        return ValueLine.Has(learnt.Type)
            ? learnt with { Bounds = Histogram.Join(learnt.Type, common, bounds, Math.Max(0, notNull - covered)) }
            : learnt;
    }

    /// <summary>How many bytes a text has that is listed, with its header.</summary>
    private static double MeanWidth(IReadOnlyList<(string Value, double Frequency)> common, IReadOnlyList<string> bounds, double notNull)
    {
        var covered = common.Sum(value => value.Frequency);
        var rest = bounds.Count == 0 ? 0 : Math.Max(0, notNull - covered);
        var sum = common.Sum(value => value.Frequency * Bytes(value.Value)) + (rest == 0 ? 0 : rest * bounds.Average(Bytes));
        return HeaderBytes + (covered + rest > 0 ? sum / (covered + rest) : 0);

        static double Bytes(string text) => Encoding.UTF8.GetByteCount(text);
    }

    private static string Spell(int length) => length.ToString(CultureInfo.InvariantCulture);

    /// <summary>True for texts of which neither name nor type says what they are: they are words, of which only the length can be like.</summary>
    private static bool HasFreeText(LiveTable table, string column, ColumnType type)
    {
        var model = new ColumnModel(column, type);
        return type is { IsText: true, UserType: null } && NameRules.Find(new TableModel { Name = table.Name, Columns = [model], PrimaryKey = [] }, model) is null;
    }

    private static bool IsTaken(ColumnType type, string text)
    {
        try
        {
            FieldCodec.Encode(type, text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>What metadata says counts; where it says nothing, the name does.</summary>
    private bool IsSensitive(string table, string column)
    {
        var known = _sensitive?.Find(table) is { } model && model.HasColumn(column) ? model.Column(column) : null;
        return known?.IsSensitive ?? PersonalData.IsLikely(column);
    }

    private static bool IsUnique(LiveTable table, string column) =>
        table.Indexes.Exists(index => index.IsUnique
            && (index.Columns.Contains(column, StringComparer.Ordinal) || index.ToDistinct()?.Columns.Contains(column, StringComparer.Ordinal) == true));

    private static string[] Texts(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? [] : row.GetFieldValue<string[]>(column);
}

/// <summary>What the server's statistics say of the values of a column.</summary>
/// <param name="Type">Type of the column.</param>
internal sealed record LearntColumn(ColumnType Type)
{
    /// <summary>Share of NULLs; 0 for none.</summary>
    public double NullRatio { get; init; }

    /// <summary>The values and how often they come, when there are but a few; else empty.</summary>
    public IReadOnlyList<(string Value, double Frequency)> Values { get; init; } = [];

    /// <summary>Bounds of buckets that hold the same number of values each; empty when they are not known.</summary>
    public IReadOnlyList<object> Bounds { get; init; } = [];

    /// <summary>True when no value was looked at.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>Adds it to a column's metadata, beside the bounds that the column has already.</summary>
    public void AddTo(JsonObject column)
    {
        if (NullRatio > 0)
        {
            column["null_ratio"] = Math.Round(NullRatio, 4);
        }

        if (IsSensitive)
        {
            column["sensitive"] = true;
        }

        if (column.ContainsKey("values"))
        {
            return;
        }

        if (Values.Count > 0 && !column.ContainsKey("min") && !column.ContainsKey("max"))
        {
            column["values"] = new JsonArray([.. Values.Select(value => (JsonNode)new JsonObject
            {
                ["value"] = JsonValues.Of(Type, value.Value),
                ["weight"] = Math.Round(value.Frequency, 6),
            })]);
        }
        else if (Bounds.Count > 0)
        {
            column["distribution"] = new JsonObject
            {
                ["kind"] = "histogram",
                ["bounds"] = new JsonArray([.. Bounds.Select(JsonValues.Of)]),
            };
        }
    }
}

/// <summary>Tells by its name whether a column may hold data about a person. Such a column is taken as sensitive.</summary>
internal static partial class PersonalData
{
    /// <summary>True when the name of a column sounds like personal data.</summary>
    public static bool IsLikely(string column) => Pattern().IsMatch(column);

    // Rather one column too many: who wants its values says "sensitive": false in the metadata that is given along.
    [GeneratedRegex(
        "name|mail|phone|mobile|fax|address|street|zip|postal|postcode|city|birth|dob|gender|sex|religio|ethnic|nation|iban|account|card|ssn|"
        + "social|passport|licen[cs]e|tax|salary|income|wage|password|secret|token|login|user|signature|photo|picture|health|diagnos|blood|"
        + "latitude|longitude|^(lat|lon|lng|ip|ip_.*|.*_ip)$|contact|comment|note|remark|message",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
