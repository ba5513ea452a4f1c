using StreamingPg.Core.Catalog;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>Works out the indexes that a table of the model lacks in the database.</summary>
internal sealed class IndexUpdate
{
    private readonly string _schema;
    private readonly TableModel _model;
    private readonly LiveTable _live;
    private readonly ObjectNames _names;
    private readonly IReadOnlyList<string> _notAdded;
    private readonly List<LiveIndex> _indexes;
    private readonly List<UpdateStep> _steps = [];

    private IndexUpdate(
        string schema, TableModel model, LiveTable live, ObjectNames names, IReadOnlyList<string> notAdded)
    {
        _schema = schema;
        _model = model;
        _live = live;
        _names = names;
        _notAdded = notAdded;
        _indexes = [.. live.UsableIndexes];
    }

    /// <summary>The steps, and the indexes that the table has after them.</summary>
    /// <param name="schema">Schema of the table.</param>
    /// <param name="model">The table as it is to be.</param>
    /// <param name="live">The table as it is.</param>
    /// <param name="names">Names that are free.</param>
    /// <param name="notAdded">New columns that are refused: what is over them has to wait.</param>
    public static (IReadOnlyList<UpdateStep> Steps, List<LiveIndex> Indexes) Make(
        string schema, TableModel model, LiveTable live, ObjectNames names, IReadOnlyList<string> notAdded)
    {
        var update = new IndexUpdate(schema, model, live, names, notAdded);
        update.AddAll();
        return (update._steps, update._indexes);
    }

    private void AddAll()
    {
        foreach (var columns in _model.UniqueKeys.Select(columns => StoredKeys.Unique(_model, columns)).Where(columns => !_live.IsUnique(columns)))
        {
            Add(columns, isUnique: true);
        }

        foreach (var index in _model.Indexes.Select(index => index.IsUnique ? index with { Columns = StoredKeys.Unique(_model, index.Columns) } : index).Where(wanted => !_indexes.Exists(index => index.Serves(wanted))))
        {
            Add(index.Columns, index.IsUnique);
        }

        foreach (var key in _model.ForeignKeys.Where(key => !_indexes.Exists(index => index.Covers(key.Columns))))
        {
            Add(key.Columns, isUnique: false);
        }
    }

    private void Add(IReadOnlyList<string> columns, bool isUnique)
    {
        var isConcurrent = !_live.IsPartitioned;
        var rest = _live.Indexes.Find(index =>
            index.IsAbandoned && index.IsUnique == isUnique && index.Columns.SequenceEqual(columns, StringComparer.Ordinal));
        var name = rest?.Name ?? _names.Pick(_model.Name, columns, isUnique ? "key" : "idx");
        var create = TableSql.CreateIndex(_schema, _model.Name, name, columns, isUnique, isConcurrent);
        if (columns.FirstOrDefault(_notAdded.Contains) is { } missing)
        {
            _steps.Add(new UpdateStep("index", _model.Name, name, "create", UpdateNeed.Person, [])
            {
                Reason = $"It needs column \"{missing}\", which was not created.",
            });
            return;
        }

        _steps.Add(new UpdateStep(
            "index",
            _model.Name,
            name,
            rest is null ? "create" : "create again, because an earlier attempt left it invalid",
            UpdateNeed.Nothing,
            rest is null ? [create] : [$"DROP INDEX CONCURRENTLY {Identifier.Quote(_schema, name)}", create])
        {
            IsConcurrent = isConcurrent,
        });
        _indexes.Add(new LiveIndex(name, columns, isUnique));
    }
}
