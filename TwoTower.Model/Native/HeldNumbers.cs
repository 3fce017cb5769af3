using TorchSharp;
using static TorchSharp.torch;

namespace TwoTower.Model.Native;

/// <summary>Arithmetic of tensors with numbers that are held while libtorch reads them. Nothing else
/// may make a number for libtorch.</summary>
/// <remarks>TorchSharp 0.107.0 passes the address of a native number and forgets the object that owns it, also where no number is to be
/// seen (<c>a + b</c> is <c>a.add(b, 1)</c>, <c>square()</c> is
/// <c>pow(2)</c>). A collection in that moment lets the finalizer free what the native call is about to read: it then throws, or computes
/// with whatever stands there. Here every number is disposed of after its call, so it is reachable until then. What makes numbers inside
/// TorchSharp is banned (build/BannedSymbols.txt), and a spec reads all assemblies for it.</remarks>
internal static class HeldNumbers
{
#pragma warning disable RS0030 // the one place that may
    private static Scalar Held(double number) => number.ToScalar();

    // An integer as TorchSharp's own: a fraction would be refused by tensors of integers.
    private static Scalar HeldInteger(int number) => number.ToScalar();
#pragma warning restore RS0030

    /// <summary>left + right.</summary>
    public static Tensor Plus(this Tensor left, Tensor right)
    {
        using var one = HeldInteger(1);
        return left.add(right, one);
    }

    /// <summary>left + right, of every element.</summary>
    public static Tensor Plus(this Tensor left, double right)
    {
        using var number = Held(right);
        using var one = HeldInteger(1);
        return left.add(number, one);
    }

    /// <summary>left − right, of every element.</summary>
    public static Tensor Minus(this Tensor left, double right)
    {
        using var number = Held(right);
        return left.sub(number);
    }

    /// <summary>left · right, of every element.</summary>
    public static Tensor Times(this Tensor left, double right)
    {
        using var number = Held(right);
        return left.mul(number);
    }

    /// <summary>left / right, of every element.</summary>
    public static Tensor DividedBy(this Tensor left, double right)
    {
        using var number = Held(right);
        return left.div(number);
    }

    /// <summary>The square of every element.</summary>
    public static Tensor Squared(this Tensor values)
    {
        using var two = HeldInteger(2);
        return values.pow(two);
    }

    /// <summary>The values, but <paramref name="number"/> where <paramref name="mask"/> is true.</summary>
    public static Tensor Filled(this Tensor values, Tensor mask, double number)
    {
        using var held = Held(number);
        return values.masked_fill(mask, held);
    }

    /// <summary>Adds a number to every element of the target, and returns it.</summary>
    public static Tensor AddInPlace(this Tensor target, double number)
    {
        using var held = Held(number);
        using var one = HeldInteger(1);
        return target.add_(held, one);
    }

    /// <summary>Multiplies every element of the target, and returns it.</summary>
    public static Tensor ScaleInPlace(this Tensor target, double factor)
    {
        using var held = Held(factor);
        return target.mul_(held);
    }

    /// <summary>target += factor · values, and returns the target.</summary>
    public static Tensor AddInPlace(this Tensor target, Tensor values, double factor)
    {
        using var held = Held(factor);
        return target.add_(values, held);
    }

    /// <summary>target += factor · a · b, element by element, and returns the target.</summary>
    public static Tensor AddProductInPlace(this Tensor target, Tensor a, Tensor b, double factor)
    {
        using var held = Held(factor);
        return target.addcmul_(a, b, held);
    }

    /// <summary>target += factor · a / b, element by element, and returns the target.</summary>
    public static Tensor AddQuotientInPlace(this Tensor target, Tensor a, Tensor b, double factor)
    {
        using var held = Held(factor);
        return target.addcdiv_(a, b, held);
    }
}
