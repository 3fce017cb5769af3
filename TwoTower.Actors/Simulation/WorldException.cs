namespace TwoTower.Actors.Simulation;

/// <summary>A world that cannot be, or that has come to a halt. The message is for a person.</summary>
public class WorldException(string message) : Exception(message);

/// <summary>Training cannot go on: all who could do a part of it have crashed or left, and nobody comes back.</summary>
internal sealed class NobodyLeftException(string message) : WorldException(message);

/// <summary>Training has never begun and never will: a worker is gone for good that had not joined.</summary>
internal sealed class NeverBegunException(string message) : WorldException(message);
