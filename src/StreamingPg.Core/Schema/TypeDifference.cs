using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>Says in words where a type in the database does not fit the one of the model.</summary>
internal static class TypeDifference
{
    /// <summary>What is different, a clause; null when the type fits. Values that the model does not know do no harm, and checks of
    /// a domain cannot be compared: the server keeps them in words of its own.</summary>
    public static string? Find(UserTypeModel model, LiveType live)
    {
        if (model.Base is { } over)
        {
            return live.BaseType is null ? "it is not a domain"
                : live.BaseType == over.ToCatalogName() ? null
                : $"it is over {live.BaseType}, not {over.ToCatalogName()}";
        }

        return live.Labels.Count == 0 ? "it is not an enum"
            : model.Labels.Except(live.Labels).FirstOrDefault() is { } missing ? $"it has no value \"{missing}\""
            : null;
    }

    /// <summary>The name of the user-defined type that a column needs and that does not fit; null when there is none.</summary>
    public static string? Find(ColumnType type, LiveSchema live) =>
        type.Element is { } element && type.UserType is null ? Find(element, live)
        : type.UserType is not { } userType ? null
        : live.Types.TryGetValue(userType.Name, out var found) && Find(userType, found) is not null ? userType.Name
        : userType.Base is { } over ? Find(over, live)
        : null;
}
