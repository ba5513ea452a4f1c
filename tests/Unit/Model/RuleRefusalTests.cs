using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Model;

/// <summary>Rules that cannot be kept, or contradict each other, are refused with the place, the reason and the remedy.</summary>
public sealed class RuleRefusalTests
{
    [Theory]
    [InlineData("\"nullable\": \"yes\"", "\"nullable\" must be true or false, and is text")]
    [InlineData("\"null_ratio\": 1.5", "\"null_ratio\" is 1.5, and it must be from 0 to 1")]
    [InlineData("\"null_ratio\": -0.1", "\"null_ratio\" is -0.1, and it must be from 0 to 1")]
    [InlineData("\"null_ratio\": 1e999", "larger than any number")]
    [InlineData("\"null_ratio\": 0.5, \"nullable\": false", "\"null_ratio\" asks for NULLs, and \"nullable\": false forbids them")]
    [InlineData("\"null_ratio\": 0.5, \"primary_key\": true", "\"null_ratio\" asks for NULLs, and a primary key forbids them")]
    [InlineData("\"nullable\": true, \"primary_key\": true", "\"nullable\" is true, and a primary key is never NULL")]
    [InlineData("\"unique\": 1", "\"unique\" must be true or false, and is a number")]
    [InlineData("\"generator\": 5", "\"generator\" must be a name, or an object with \"kind\", and is a number")]
    [InlineData("\"generator\": {\"country\": \"DE\"}", "\"generator\" has no \"kind\"")]
    [InlineData("\"generator\": {\"kind\": \"finance.iban\", \"country\": null}", "\"country\" must be a value, and is null")]
    [InlineData("\"values\": 7", "\"values\" must be a list of values, or an object of values and their weights, and is a number")]
    [InlineData("\"values\": []", "\"values\" is empty")]
    [InlineData("\"values\": {}", "\"values\" is empty")]
    [InlineData("\"values\": [\"a\", \"a\"]", "\"values\" has \"a\" twice")]
    [InlineData("\"values\": [\"a\", null]", "is null. NULLs are made by \"null_ratio\".")]
    [InlineData("\"values\": {\"a\": 0, \"b\": 0}", "the weights of \"values\" sum up to 0")]
    [InlineData("\"values\": {\"a\": -1, \"b\": 2}", "the weight of \"a\" is -1, and it must be 0 or more")]
    [InlineData("\"values\": {\"a\": \"often\"}", "the weight of \"a\" must be a number, and is text")]
    [InlineData("\"values\": [{\"weight\": 2}]", "an entry of \"values\" has no \"value\"")]
    [InlineData("\"values\": [{\"value\": 1, \"wait\": 2}]", "the property \"wait\" is not known. Did you mean \"weight\"?")]
    [InlineData("\"min\": null", "\"min\" must be a value, and is null")]
    [InlineData("\"distribution\": \"norml\"", "there is no distribution \"norml\". Did you mean \"normal\"?")]
    [InlineData("\"distribution\": {\"mean\": 3}", "\"distribution\" has no \"kind\"")]
    [InlineData("\"distribution\": {\"kind\": \"uniform\", \"mean\": 3}", "the distribution \"uniform\" has no \"mean\". It takes nothing beside")]
    [InlineData("\"distribution\": {\"kind\": \"zipf\", \"mean\": 3}", "the distribution \"zipf\" has no \"mean\". It takes: exponent.")]
    [InlineData("\"distribution\": {\"kind\": \"zipf\", \"exponent\": -1}", "\"exponent\" is -1, and it must be from 0 to 20")]
    [InlineData("\"distribution\": \"histogram\"", "\"histogram\" has no \"bounds\"")]
    [InlineData("\"distribution\": {\"kind\": \"histogram\", \"bounds\": [1]}", "\"histogram\" has no \"bounds\"")]
    [InlineData("\"pattern\": 5", "\"pattern\" must be text, and is a number")]
    [InlineData("\"after\": 5", "\"after\" must be a column, or an object with \"column\", and is a number")]
    [InlineData("\"after\": {\"within\": \"5 days\"}", "\"after\" has no \"column\"")]
    [InlineData("\"after\": {\"column\": \"id\", \"within\": \"soon\"}", "\"within\" is \"soon\", and it must be a duration above zero. Write one such as 90s")]
    [InlineData("\"equals_parent\": \"users\"", "\"equals_parent\" is \"users\", and it must name a parent table and its column")]
    [InlineData("\"sum_of\": \"lines\"", "\"sum_of\" must be an object with \"table\" and \"columns\", and is text")]
    [InlineData("\"sum_of\": {\"table\": \"lines\"}", "\"sum_of\" has no \"columns\"")]
    [InlineData("\"sum_of\": {\"table\": \"lines\", \"columns\": []}", "\"columns\" is empty")]
    [InlineData("\"locale\": \" \"", "\"locale\" is empty")]
    [InlineData("\"sensitive\": \"no\"", "\"sensitive\" must be true or false, and is text")]
    [InlineData("\"values\": [\"a\"], \"pattern\": \"b\"", "\"values\" and \"pattern\" both say where the values come from. Take one of the two out.")]
    [InlineData("\"values\": [\"a\"], \"min\": 3", "\"values\" says which values there are, and \"min\" asks for others")]
    [InlineData("\"null_ration\": 0.5", "the property \"null_ration\" is not known. Did you mean \"null_ratio\"?")]
    [InlineData("\"foreign_key\": {\"table\": \"a\", \"column\": \"id\"}, \"min\": 5", "a parent gives the values, and \"min\" asks for others")]
    public void A_rule_of_a_column(string rule, string reason) => AssertRefused(
        $$$$"""{"a": {"columns": {"id": {"type": "UUID", "primary_key": true}, "x": {"type": "VARCHAR(50)", {{{{rule}}}}} }}}""", "a.x", reason);

    [Theory]
    [InlineData("VARCHAR(50)", "\"generator\": \"person.fullname\"", "there is no generator \"person.fullname\". Did you mean \"person.full_name\"?")]
    [InlineData("VARCHAR(50)", "\"generator\": \"person.shoe_size\"", "Known are: person.full_name, person.first_name")]
    [InlineData("UUID", "\"generator\": \"nothing.such\"", "Known are: uuid.v7, uuid.v4, any, default.")]
    [InlineData("INTEGER", "\"generator\": \"person.full_name\"", "the generator \"person.full_name\" makes text, and the type is INTEGER")]
    [InlineData("VARCHAR(50)", "\"generator\": {\"kind\": \"finance.iban\", \"contry\": \"DE\"}", "has no argument \"contry\". Did you mean \"country\"?")]
    [InlineData("VARCHAR(50)", "\"generator\": {\"kind\": \"person.full_name\", \"country\": \"DE\"}", "has no argument \"country\". It takes none.")]
    [InlineData("VARCHAR(50)", "\"generator\": {\"kind\": \"finance.iban\", \"country\": \"XX\"}", "\"country\" is \"XX\", and it must be one of: AT, BE")]
    [InlineData("VARCHAR(50)", "\"generator\": {\"kind\": \"lorem.words\", \"words\": 0}", "\"words\" is \"0\", and it must be a whole number from 1 to 200")]
    [InlineData("VARCHAR(50)", "\"locale\": \"xx\"", "there is no locale \"xx\"")]
    [InlineData("INTEGER", "\"values\": [\"many\"]", "many of \"values\" does not fit INTEGER: it is not a whole number")]
    [InlineData("VARCHAR(3)", "\"values\": [\"long one\"]", "long one of \"values\" does not fit VARCHAR(3): it has 8 characters")]
    [InlineData("INTEGER", "\"values\": [\"\"]", "of \"values\" does not fit INTEGER")]
    [InlineData("INTEGER", "\"min\": 5, \"max\": 4", "\"min\" is 5 and \"max\" is 4: no value lies between them")]
    [InlineData("INTEGER", "\"min\": 1.2, \"max\": 1.8", "no value lies between them")]
    [InlineData("INTEGER", "\"max\": 3000000000", "\"max\" is 3000000000: it is outside the range of the column")]
    [InlineData("INTEGER", "\"min\": \"low\"", "\"min\" is low: it is not a number")]
    [InlineData("DECIMAL(4,2)", "\"max\": 100.5", "\"max\" is 100.5: it is outside the range of the column, -99.99 to 99.99")]
    [InlineData("TIMESTAMP", "\"min\": \"yesterday\"", "\"min\" is yesterday: it is not a time")]
    [InlineData("TIMESTAMP", "\"min\": \"2024-05-01\", \"max\": \"2024-04-01\"", "no value lies between them")]
    [InlineData("VARCHAR(9)", "\"min\": 10", "\"min\" asks for 10 characters, and the column takes 9")]
    [InlineData("VARCHAR(9)", "\"min\": 5, \"max\": 4", "\"min\" is 5 and \"max\" is 4: no length lies between them")]
    [InlineData("VARCHAR(9)", "\"distribution\": \"normal\"", "\"distribution\" needs numbers or times, and the type is VARCHAR(9)")]
    [InlineData("UUID", "\"min\": 5", "need numbers, times or text, and the type is UUID")]
    [InlineData("INTEGER", "\"distribution\": {\"kind\": \"normal\", \"mean\": 5, \"stddev\": 0}", "the standard deviation must be above 0")]
    [InlineData("INTEGER", "\"min\": 900, \"max\": 1000, \"distribution\": {\"kind\": \"normal\", \"mean\": 5, \"stddev\": 1}", "hardly any value of the distribution lies between the bounds")]
    [InlineData("INTEGER", "\"min\": -10, \"max\": 0, \"distribution\": \"lognormal\"", "a lognormal distribution has values above 0 only")]
    [InlineData("INTEGER", "\"min\": 5, \"distribution\": {\"kind\": \"exponential\", \"mean\": 4}", "the mean of an exponential distribution must be above its lowest value")]
    [InlineData("INTEGER", "\"distribution\": {\"kind\": \"histogram\", \"bounds\": [5, 1]}", "the bounds of the histogram")]
    [InlineData("TIMESTAMP", "\"distribution\": {\"kind\": \"normal\", \"mean\": \"2024-01-01\", \"stddev\": 5}", "it is not a duration")]
    [InlineData("VARCHAR(9)", "\"pattern\": \"[a\"", "the pattern \"[a\" is not understood: a class is not closed")]
    [InlineData("VARCHAR(3)", "\"pattern\": \"[a-z]{2,5}\"", "makes texts of up to 5 characters, and the column takes 3")]
    [InlineData("INTEGER", "\"pattern\": \"1\"", "\"pattern\" makes text, and the type is INTEGER")]
    [InlineData("INTEGER", "\"after\": \"at\"", "\"after\" makes times, and the type is INTEGER")]
    [InlineData("TIMESTAMP", "\"after\": \"it\"", "\"after\" names the column \"it\", which the table does not have. Did you mean \"id\"?")]
    [InlineData("TIMESTAMP", "\"after\": \"id\"", "\"after\" names \"id\", which is UUID and no time")]
    [InlineData("TIMESTAMP", "\"after\": \"x\"", "\"after\" runs in a cycle: x -> x")]
    [InlineData("TIMESTAMP", "\"after\": \"orders.at\"", "\"after\" names the table \"orders\", to which no foreign key of the table refers. Add a foreign key to it.")]
    [InlineData("TIMESTAMP", "\"equals_parent\": \"orders.at\"", "\"equals_parent\" names the table \"orders\", to which no foreign key of the table refers")]
    public void A_rule_that_no_generator_can_keep(string type, string rule, string reason) => AssertRefused(
        $$$$"""{"a": {"columns": {"id": {"type": "UUID", "primary_key": true}, "at": {"type": "TIMESTAMP"}, "x": {"type": "{{{{type}}}}", {{{{rule}}}}} }}}""", "a.x", reason);

    [Theory]
    [InlineData("TEXT", """{"table": "b", "columns": ["price"]}""", "", "\"sum_of\" makes exact numbers, and the type is TEXT")]
    [InlineData("REAL", """{"table": "b", "columns": ["price"]}""", "", "\"sum_of\" makes exact numbers, and the type is REAL")]
    [InlineData("BIGINT", """{"table": "c", "columns": ["price"]}""", "", "\"sum_of\" names the table \"c\", which is not there")]
    [InlineData("BIGINT", """{"table": "a", "columns": ["price"]}""", "", "\"sum_of\" names the table \"a\", of which no foreign key refers to \"a\"")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["prize"]}""", "", "names the column \"prize\" of table \"b\", which is not there. Did you mean \"price\"?")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["name"]}""", "", "\"name\" of \"b\" is TEXT, which cannot be summed up exactly")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["copy"]}""", "", "\"copy\" of \"b\" is a sum itself, or a copy from here")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["id"]}""", "", "the server gives \"id\" of \"b\"")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["price"]}, "unique": true""", "", "a sum can be neither a key, nor unique")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["price"]}, "null_ratio": 0.5""", "", "nor missing")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["price"]}""", "\"per_parent\": {\"parent\": \"d\", \"min\": 1, \"max\": 2},", "the rows of \"b\" are dealt out to \"d\"")]
    public void A_sum_that_cannot_be_kept(string type, string sum, string partsRule, string reason) => AssertRefused(
        $$$$"""
        {"d": {"columns": {"id": {"type": "UUID", "primary_key": true}}},
         "a": {"columns": {"id": {"type": "UUID", "primary_key": true}, "x": {"type": "{{{{type}}}}", "sum_of": {{{{sum}}}} } }},
         "b": { {{{{partsRule}}}} "columns": {
            "id": {"type": "SERIAL", "primary_key": true}, "name": {"type": "TEXT"}, "price": {"type": "INTEGER"},
            "copy": {"type": "{{{{type}}}}", "equals_parent": "a.x"},
            "d_id": {"type": "UUID", "foreign_key": {"table": "d", "column": "id"}},
            "a_id": {"type": "UUID", "foreign_key": {"table": "a", "column": "id"} } } } }
        """, "a.x", reason);

    [Fact]
    public void A_rule_for_a_column_that_a_sequence_fills() => AssertRefused(
        """{"a": {"columns": {"x": {"type": "SERIAL", "primary_key": true, "min": 5}}}}""", "a.x", "a sequence gives the values, and \"min\" asks for others");

    [Theory]
    [InlineData("\"unique\": true", "\"unique\" must be a list, and is true or false")]
    [InlineData("\"unique\": [\"x\"]", "an entry of \"unique\" must be a list, and is text")]
    [InlineData("\"unique\": [[\"y\"]]", "an entry of \"unique\" names the column \"y\", which the table does not have. Known are: id, x.")]
    [InlineData("\"unique\": [[\"x\", \"x\"]]", "an entry of \"unique\" has \"x\" twice")]
    [InlineData("\"unique\": [[\"x\", \"id\"], [\"id\", \"x\"]]", "id, x are said to be unique twice")]
    [InlineData("\"unique\": [[\"id\"]]", "id are said to be unique twice")]
    [InlineData("\"distinct\": [\"x\"]", "an entry of \"distinct\" must be a list of columns, or an object with \"columns\", and is text")]
    [InlineData("\"distinct\": [[\"y\"]]", "an entry of \"distinct\" names the column \"y\", which the table does not have")]
    [InlineData("\"distinct\": [{\"fold\": \"lower\"}]", "an entry of \"distinct\" has no \"columns\"")]
    [InlineData("\"distinct\": [{\"columns\": [\"x\"], \"fold\": \"lowr\"}]", "\"fold\" is \"lowr\". Did you mean \"lower\"?")]
    [InlineData("\"distinct\": [{\"columns\": [\"id\"], \"fold\": \"lower\"}]", "\"fold\" of an entry of \"distinct\" is about texts, and none of its columns has any. Take it out.")]
    [InlineData("\"checks\": \"x > 1\"", "\"checks\" must be a list, and is text")]
    [InlineData("\"checks\": [5]", "an entry of \"checks\" must be an SQL expression, or an object with \"expression\", and is a number")]
    [InlineData("\"checks\": [\" \"]", "an expression of \"checks\" is empty")]
    [InlineData("\"checks\": [{\"name\": \"c\"}]", "an entry of \"checks\" has no \"expression\"")]
    [InlineData("\"checks\": [{\"name\": \"\", \"expression\": \"x > 1\"}]", "this cannot be the name of a check: the name is empty")]
    [InlineData("\"indexes\": [\"x\"]", "an entry of \"indexes\" must be a list of columns, or an object with \"columns\", and is text")]
    [InlineData("\"indexes\": [{\"unique\": true}]", "an entry of \"indexes\" has no \"columns\"")]
    [InlineData("\"indexes\": [[\"nope\"]]", "an entry of \"indexes\" names the column \"nope\"")]
    [InlineData("\"rows_per_batch\": -1", "\"rows_per_batch\" is -1, and it must be from 0 to 4294967296")]
    [InlineData("\"rows_per_batch\": 1.5", "\"rows_per_batch\" is 1.5, and it must be a whole number")]
    [InlineData("\"per_parent\": -1", "\"per_parent\" must be a whole number from 0 to 1000000")]
    [InlineData("\"per_parent\": {}", "\"per_parent\" has no \"max\"")]
    [InlineData("\"per_parent\": {\"min\": 5, \"max\": 2}", "\"per_parent\" is from 5 to 2, which no number is")]
    [InlineData("\"per_parent\": {\"distribution\": \"poison\", \"mean\": 2}", "there is no distribution \"poison\" for \"per_parent\". Did you mean \"poisson\"?")]
    [InlineData("\"per_parent\": {\"distribution\": \"poisson\"}", "\"per_parent\" has a \"distribution\" and no \"mean\"")]
    [InlineData("\"per_parent\": {\"mean\": 2, \"max\": 3}", "\"per_parent\" has a \"mean\" and no \"distribution\"")]
    [InlineData("\"per_parent\": 2, \"rows_per_batch\": 3", "\"rows_per_batch\" and \"per_parent\" both say how many rows there are")]
    [InlineData("\"retention\": 30", "\"retention\" is 30, and it must be a duration above zero. Write one such as 90s")]
    [InlineData("\"retention\": \"a while\"", "\"retention\" is \"a while\", and it must be a duration")]
    [InlineData("\"partition_of\": \"b\"", "the property \"partition_of\" is not known")]
    public void A_rule_of_a_table(string rule, string reason) => AssertRefused(
        $$$$"""{"a": {"columns": {"id": {"type": "UUID", "primary_key": true}, "x": {"type": "VARCHAR(50)"} }, {{{{rule}}}}}}""", "a", reason);

    [Fact]
    public void A_name_of_the_document_that_begins_with_a_dollar_is_no_table() => AssertRefused(
        """{"$shema": "x", "a": {"columns": {"id": {"type": "UUID", "primary_key": true}}}}""", "metadata", "the property \"$shema\" is not known; no table's name begins with $. Did you mean \"$schema\"?");

    private static void AssertRefused(string json, string place, string reason)
    {
        var error = Assert.Throws<StreamingException>(() => MetadataReader.Parse(json));
        Assert.Equal(("InvalidMetadata", StreamingErrorKind.InvalidMetadata), (error.ErrorId, error.Kind));
        Assert.Equal(place, error.Target);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
