using StreamingPg.Core.Model;

namespace StreamingPg.Core.Catalog;

/// <summary>What the catalogs say of a schema.</summary>
/// <param name="Tables">Its tables, views and foreign tables, the oldest first.</param>
/// <param name="Types">Its enums and domains that metadata can have, each after those it is made of.</param>
internal sealed record DiscoveredSchema(IReadOnlyList<DiscoveredTable> Tables, IReadOnlyList<UserTypeModel> Types)
{
    public DiscoveredTable? Find(string table) => Tables.FirstOrDefault(candidate => candidate.Name == table);
}
