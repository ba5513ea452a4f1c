using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Shows the best-selling products.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingProductSale", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(ProductSale))]
public sealed class GetStreamingProductSaleCommand : AnalyticsCmdlet
{
    /// <summary>Maximum number of results.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int Top { get; set; } = ProductSaleReader.DefaultTop;

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Analysis];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        WriteObject(
            Await(stopping => ProductSaleReader.ReadAsync(connection, model, Top, Options, stopping)), enumerateCollection: true);
    }
}
