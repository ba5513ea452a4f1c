using Bogus;

namespace StreamingPg.Bench.Rows;

/// <summary>A user as people make one with Bogus.</summary>
internal sealed class BogusUser
{
    public Guid UserId { get; set; }

    public string Name { get; set; } = "";

    public string Email { get; set; } = "";

    public int Age { get; set; }

    public string City { get; set; } = "";

    public DateTime RegistrationDate { get; set; }

    /// <summary>A faker with a rule for each of the six.</summary>
    public static Faker<BogusUser> Faker() => new Faker<BogusUser>()
        .RuleFor(user => user.UserId, fake => fake.Random.Guid())
        .RuleFor(user => user.Name, fake => fake.Name.FullName())
        .RuleFor(user => user.Email, fake => fake.Internet.Email())
        .RuleFor(user => user.Age, fake => fake.Random.Int(18, 90))
        .RuleFor(user => user.City, fake => fake.Address.City())
        .RuleFor(user => user.RegistrationDate, fake => fake.Date.Past(2));
}
