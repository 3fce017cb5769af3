using System.Text.Json.Serialization;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Node.Clusters;

/// <summary>The form of a <see cref="ClusterStatus"/> as JSON: members by their names in camel case, enumerations as text.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ClusterStatus))]
internal sealed partial class ClusterStatusJson : JsonSerializerContext;
