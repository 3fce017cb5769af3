namespace TwoTower.Actors.Protocol.Reports;

/// <summary>What one shard did.</summary>
public sealed record ShardReport(int Id, long Rows, long Pulls, long Pushes, long Bytes);
