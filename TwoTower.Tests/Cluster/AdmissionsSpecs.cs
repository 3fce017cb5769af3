using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Cluster;

/// <summary>Who may take part in a run, and as whom.</summary>
public sealed class AdmissionsSpecs
{
    private static readonly NodeCard s_own = new(AdmissionProtocol.Version, "coordinator", "127.0.0.1:1", ["trainer"], 0, "aaaa",
        ["model.dim=8", "train.seed=1"], []);

    [Fact]
    public void No_two_nodes_get_the_same_worker_ids()
    {
        var admissions = new Admissions(s_own);

        var ids = Enumerable.Range(0, 5).SelectMany(node => Workers(admissions.Decide(Node($"n{node}", workers: node)))).ToArray();

        Assert.Equal(10, ids.Length);
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void A_node_that_asks_again_gets_the_same_ids()
    {
        var admissions = new Admissions(s_own);
        var first = Workers(admissions.Decide(Node("n", workers: 2)));

        Assert.Equal(first, Workers(admissions.Decide(Node("n", workers: 2))));
    }

    [Fact]
    public void The_ids_of_a_node_that_left_are_not_given_again()
    {
        var admissions = new Admissions(s_own);
        var first = Workers(admissions.Decide(Node("n", workers: 2)));
        admissions.Leave("127.0.0.1:2");

        Assert.Empty(first.Intersect(Workers(admissions.Decide(Node("m", workers: 2)))));
    }

    [Fact]
    public void A_new_coordinator_leaves_ids_to_the_nodes_that_hold_them_and_gives_others()
    {
        var admissions = new Admissions(s_own, firstWorker: 3);

        Assert.Equal([5, 6], Workers(admissions.Decide(Node("old", workers: 2) with { Held = [5, 6] })));
        Assert.Equal([7], Workers(admissions.Decide(Node("new", workers: 1))));
        Assert.Equal([3], Workers(new Admissions(s_own, firstWorker: 3).Decide(Node("new", workers: 1))));
    }

    [Fact]
    public void An_id_that_another_node_holds_is_refused_to_a_node_that_claims_it()
    {
        var admissions = new Admissions(s_own, firstWorker: 5);
        Assert.Equal([5], Workers(admissions.Decide(Node("new", workers: 1))));

        var refused = Assert.IsType<AdmissionProtocol.Refused>(admissions.Decide(Node("old", workers: 1) with { Held = [5] }));

        Assert.Contains("worker-5", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_coordinator_that_finds_members_hears_those_who_hold_ids_although_no_journal_knows_of_any()
    {
        var follower = new Admissions(s_own, firstWorker: 0, follows: true);

        Assert.Null(follower.Decide(Node("new", workers: 1), seconds: 0.1));
        Assert.Equal([0], Workers(follower.Decide(Node("holds", workers: 1) with { Held = [0] }, seconds: 0.2)!));
        Assert.Equal([1], Workers(follower.Decide(Node("new", workers: 1), seconds: Admissions.Listening)!));
    }

    [Fact]
    public void A_coordinator_that_follows_another_hears_those_who_hold_ids_before_it_gives_new_ones()
    {
        var follower = new Admissions(s_own, firstWorker: 5);

        Assert.Null(follower.Decide(Node("new", workers: 1), seconds: 1));
        Assert.Equal([5], Workers(follower.Decide(Node("old", workers: 1) with { Held = [5] }, seconds: 2)!));
        Assert.Equal([6], Workers(follower.Decide(Node("new", workers: 1), seconds: Admissions.Listening)!));
        Assert.Equal([0], Workers(new Admissions(s_own).Decide(Node("new", workers: 1), seconds: 0)!));
    }

    [Theory]
    [InlineData("version", "this run version")]
    [InlineData("data", "fingerprint bbbb")]
    [InlineData("dimension", "model.dim=8, it has model.dim=16")]
    [InlineData("missing", "it has no train.seed")]
    public void A_node_of_another_version_or_other_data_or_another_model_is_refused_with_that_reason(string what, string reason)
    {
        var card = Node("n", workers: 1);
        card = what switch
        {
            "version" => card with { Version = AdmissionProtocol.Version + 1 },
            "data" => card with { Fingerprint = "bbbb" },
            "dimension" => card with { Settings = ["model.dim=16", "train.seed=1"] },
            _ => card with { Settings = ["model.dim=8"] },
        };

        var refused = Assert.IsType<AdmissionProtocol.Refused>(new Admissions(s_own).Decide(card));

        Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true, null)]
    [InlineData(true, false, "it keeps no journal")]
    [InlineData(false, true, "the run's trainer keeps no journal")]
    [InlineData(false, false, "the run's trainer keeps no journal")]
    public void A_second_trainer_that_could_not_go_on_where_the_first_stops_is_refused(bool first, bool second, string? reason)
    {
        string[] With(bool journal) => journal ? ["trainer", NodeCard.Journal] : ["trainer"];
        var own = s_own with { Roles = With(first) };
        var admissions = new Admissions(own);
        Assert.IsType<AdmissionProtocol.Admitted>(admissions.Decide(own));

        var answer = admissions.Decide(Node("second", workers: 0) with { Roles = With(second) });

        Assert.Equal(reason is null, answer is AdmissionProtocol.Admitted);
        if (reason is not null)
        {
            Assert.Contains(reason, Assert.IsType<AdmissionProtocol.Refused>(answer).Reason, StringComparison.Ordinal);
        }
    }

    private static int[] Workers(object answer) => Assert.IsType<AdmissionProtocol.Admitted>(answer).Workers;

    private static NodeCard Node(string name, int workers) =>
        s_own with { Node = name, Address = "127.0.0.1:2", Roles = ["worker"], WorkerActors = workers };
}
