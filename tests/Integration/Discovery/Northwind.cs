namespace StreamingPg.Tests.Integration.Discovery;

/// <summary>Our own small re-creation of what is tricky in Northwind: smallint keys without a sequence, bpchar keys, real, a self reference, a
/// composite key whose parts are foreign keys.</summary>
internal static class Northwind
{
    public const string Sql =
        """
        CREATE TABLE categories (category_id smallint PRIMARY KEY, category_name varchar(15) NOT NULL, description text, picture bytea);
        CREATE TABLE customers (
            customer_id bpchar PRIMARY KEY, company_name varchar(40) NOT NULL, city varchar(15), country varchar(15));
        CREATE TABLE employees (
            employee_id smallint PRIMARY KEY, last_name varchar(20) NOT NULL, first_name varchar(10) NOT NULL, birth_date date,
            hire_date date, notes text, reports_to smallint REFERENCES employees);
        CREATE TABLE shippers (shipper_id smallint PRIMARY KEY, company_name varchar(40) NOT NULL);
        CREATE TABLE products (
            product_id smallint PRIMARY KEY, product_name varchar(40) NOT NULL, category_id smallint REFERENCES categories,
            unit_price real CHECK (unit_price >= 0), units_in_stock smallint, discontinued integer NOT NULL CHECK (discontinued IN (0, 1)));
        CREATE TABLE orders (
            order_id smallint PRIMARY KEY, customer_id bpchar REFERENCES customers, employee_id smallint REFERENCES employees,
            order_date date, shipped_date date, ship_via smallint REFERENCES shippers, freight real, ship_name varchar(40),
            CHECK (shipped_date >= order_date));
        CREATE TABLE order_details (
            order_id smallint NOT NULL REFERENCES orders, product_id smallint NOT NULL REFERENCES products, unit_price real NOT NULL,
            quantity smallint NOT NULL CHECK (quantity > 0), discount real NOT NULL CHECK (discount >= 0 AND discount <= 1),
            PRIMARY KEY (order_id, product_id));
        """;
}
