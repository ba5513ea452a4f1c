using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Analytics;

namespace StreamingPg.Cli.Commands;

/// <summary>Shows the best-selling products.</summary>
internal static class SalesCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand(
            "sales",
            "Lists the best-selling products.",
            "sales",
            "sales --top 5 --since 2026-01-01 --until 2026-02-01 --json");
        DatabaseOptions.AddTo(command, ConnectionPurpose.Analysis);
        var top = SharedOptions.Top("products", ProductSaleReader.DefaultTop);
        command.Options.Add(top);
        var analytics = AnalyticsOptionGroup.AddTo(command, "line items", "created_at");
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var products = await ProductSaleReader.ReadAsync(
                connection, model, parsed.GetValue(top), analytics.Read(parsed), cancellationToken).ConfigureAwait(false);
            output.Write(products, new TextTable<ProductSale>()
                .Text("product", product => product.ProductName ?? "")
                .Number("quantity", product => product.TotalQuantity is { } pieces ? DisplayText.Count(pieces) : "")
                .Number("average price", product => DisplayText.Amount(product.AveragePrice))
                .Number("customers", product => DisplayText.Count(product.UniqueCustomers))
                .Number("revenue", product => DisplayText.Amount(product.Revenue)));
            foreach (var product in products.Where(product => product.Remark is not null))
            {
                output.Say($"{product.ProductName}: {product.Remark}");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
