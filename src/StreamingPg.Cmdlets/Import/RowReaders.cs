using System.Collections;
using System.Management.Automation;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Chooses how an object is read, and into which table: the one that was named, else the one its type belongs to.</summary>
internal sealed class RowReaders(StreamModel model, string? table)
{
    private static readonly Dictionary<string, Func<StreamingUser, object?>> UserProperties = new()
    {
        [nameof(StreamingUser.UserId)] = static user => user.UserId,
        [nameof(StreamingUser.Name)] = static user => user.Name,
        [nameof(StreamingUser.Email)] = static user => user.Email,
        [nameof(StreamingUser.Age)] = static user => user.Age,
        [nameof(StreamingUser.City)] = static user => user.City,
        [nameof(StreamingUser.RegistrationDate)] = static user => user.RegistrationDate,
    };

    private static readonly Dictionary<string, Func<StreamingTransaction, object?>> TransactionProperties = new()
    {
        [nameof(StreamingTransaction.TransactionId)] = static transaction => transaction.TransactionId,
        [nameof(StreamingTransaction.UserId)] = static transaction => transaction.UserId,
        [nameof(StreamingTransaction.Amount)] = static transaction => transaction.Amount,
        [nameof(StreamingTransaction.TransactionDate)] = static transaction => transaction.TransactionDate,
        [nameof(StreamingTransaction.Status)] = static transaction => transaction.Status,
    };

    private static readonly Dictionary<string, Func<StreamingDetail, object?>> DetailProperties = new()
    {
        [nameof(StreamingDetail.Id)] = static detail => detail.Id,
        [nameof(StreamingDetail.TransactionId)] = static detail => detail.TransactionId,
        [nameof(StreamingDetail.UserId)] = static detail => detail.UserId,
        [nameof(StreamingDetail.ProductName)] = static detail => detail.ProductName,
        [nameof(StreamingDetail.Quantity)] = static detail => detail.Quantity,
        [nameof(StreamingDetail.UnitPrice)] = static detail => detail.UnitPrice,
        [nameof(StreamingDetail.CreatedAt)] = static detail => detail.CreatedAt,
    };

    private readonly Dictionary<Type, RowReader> _byType = [];
    private readonly Dictionary<string, RowReader> _byTable = new(StringComparer.Ordinal);

    /// <summary>The reader for objects like this one.</summary>
    /// <exception cref="StreamingException">No table is known for it, or its properties do not fit.</exception>
    public RowReader For(PSObject wrapped)
    {
        var input = wrapped.BaseObject;
        if (table is null && input is PSCustomObject && RowObject.TableOf(wrapped) is { } name)
        {
            return _byTable.TryGetValue(name, out var known) ? known : _byTable[name] = new PropertyRowReader(FindTable(name));
        }

        var type = input.GetType();
        if (!_byType.TryGetValue(type, out var reader))
        {
            reader = Make(input);
            _byType.Add(type, reader);
        }

        return reader;
    }

    private RowReader Make(object input) => input switch
    {
        StreamingUser => new RecordRowReader<StreamingUser>(FindTable(table ?? "users"), UserProperties),
        StreamingTransaction => new RecordRowReader<StreamingTransaction>(FindTable(table ?? "transactions"), TransactionProperties),
        StreamingDetail => new RecordRowReader<StreamingDetail>(FindTable(table ?? "detailed_transactions"), DetailProperties),
        _ when table is null => throw new StreamingException(
            "TableRequired",
            StreamingErrorKind.InvalidInput,
            $"Nothing says which table an object of type {input.GetType().Name} belongs to.",
            $"Name it with -Table: {TableNames()}.",
            input),
        IDictionary => new DictionaryRowReader(FindTable(table)),
        _ => new PropertyRowReader(FindTable(table)),
    };

    private InputTable FindTable(string name) => InputTable.Find(model, name);

    private string TableNames() => string.Join(", ", model.Tables.Select(static candidate => candidate.Name));
}
