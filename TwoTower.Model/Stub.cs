#pragma warning disable CS1591
using TwoTower.Model.Losses; using TwoTower.Model.Towers; using TwoTower.Model.Sampling;
namespace TwoTower.Model.Losses { public static class GradientKernel { public static IGradientKernel Create(ModelOptions m, LossOptions l, TrainingSet s, int b) => new K(m,l); 
class K(ModelOptions m, LossOptions l) : IGradientKernel {
 public KernelTimes Times {get;} = new();
 public void Dispose() {}
 public BatchLoss Compute(BatchPlan plan, ReadOnlySpan<float> users, ReadOnlySpan<float> items, Span<float> ug, Span<float> ig) {
  ug.Clear(); ig.Clear(); double sum=0; int d=m.Dim; float T=(float)l.Temperature;
  for (int e=0;e<plan.Examples;e++) { var u=users.Slice(plan.ExampleUser[e]*d,d); var p=items.Slice(plan.ExampleItem[e]*d,d);
   int nn = Math.Max(1, plan.NegativesPerExample);
   for (int k=0;k<nn;k++){ int neg = plan.NegativesPerExample==0 ? plan.ExampleItem[(e+1)%plan.Examples] : plan.ExampleNegatives[e*nn+k]; var q=items.Slice(neg*d,d);
    double x=0; for(int i=0;i<d;i++) x+=u[i]*(p[i]-q[i]); x/=T; sum += plan.Weights[e]*Math.Log(1+Math.Exp(-x))/nn; float c=(float)(-plan.Weights[e]/(1+Math.Exp(x))/T/nn/plan.Examples);
    for(int i=0;i<d;i++){ ug[plan.ExampleUser[e]*d+i]+=c*(p[i]-q[i]); ig[plan.ExampleItem[e]*d+i]+=c*u[i]; ig[neg*d+i]-=c*u[i]; } } }
  return new BatchLoss(sum,0,0);
 } } }
public static class GradientClipping { public static void Clip(Span<float> a, Span<float> b, double n) {} } }
namespace TwoTower.Model.Evaluation { public class DotProductScorer(TwoTowerEmbeddings e) : IItemScorer { public int Items => e.ItemCount; public void Score(ReadOnlySpan<int> u, Span<float> s) { for(int n=0;n<u.Length;n++) for(int i=0;i<Items;i++){ float x=0; for(int k=0;k<e.Dim;k++) x+=e.Users[u[n]*e.Dim+k]*e.Items[i*e.Dim+k]; s[n*Items+i]=x; } } }
public static class RankingEvaluator { public static (RankingResult Masked, RankingResult Raw) EvaluateBoth(IItemScorer s, RankingTask t, IReadOnlyList<int> c, int p) { var r=new Dictionary<string,double[]>(); foreach (var k in c) r["recall@"+k]=new double[t.Users.Length]; var sc=new float[s.Items]; for(int n=0;n<t.Users.Length;n++){ s.Score([t.Users[n]],sc); var o=Enumerable.Range(0,s.Items).Where(i=>!t.Seen.Contains(t.Users[n],i)).OrderByDescending(i=>sc[i]).ToArray(); foreach(var k in c) r["recall@"+k][n]=o.Take(k).Count(i=>t.Positives.Contains(t.Users[n],i))/(double)t.Positives.ItemsOf(t.Users[n]).Length; } var res=new RankingResult(RankingProtocol.Masked,t.Users,r,new Dictionary<int,double>()); return (res,res);} } }
