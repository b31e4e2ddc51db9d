using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;

namespace AiWorker.Tests
{
    /// <summary>Marks a test: a static method without parameters that returns a Task.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class TestAttribute : Attribute { }

    /// <summary>
    /// Runs every test whose name contains one of the arguments, or all. Fails when one fails, and when none ran.
    /// </summary>
    internal static class Program
    {
        /// <summary>The exit status when no test has a name that was asked for.</summary>
        private const int NoSuchTest = 3;

        private static int Main(string[] names)
        {
            int passed = 0, failed = 0;
            foreach (MethodInfo test in Tests(names))
            {
                string name = test.DeclaringType.Name + "." + test.Name;
                var watch = Stopwatch.StartNew();
                try
                {
                    ((Func<Task>)test.CreateDelegate(typeof(Func<Task>)))().GetAwaiter().GetResult();
                    passed++;
                    Console.WriteLine("ok      " + name + " (" + watch.ElapsedMilliseconds + " ms)");
                }
                catch (SkippedException skipped)
                {
                    Console.WriteLine("skipped " + name + ": " + skipped.Message);
                }
                catch (Exception error)
                {
                    failed++;
                    Console.WriteLine("FAILED  " + name + "\n" + error);
                }
            }
            Console.WriteLine(passed + " passed, " + failed + " failed");
            if (failed == 0 && passed == 0 && names.Length > 0 && !Tests(names).Any())
                return NoSuchTest;
            return failed == 0 && passed > 0 ? 0 : 1;
        }

        private static IEnumerable<MethodInfo> Tests(string[] names) =>
            typeof(Program).Assembly.GetTypes()
                .OrderBy(type => type.Name, StringComparer.Ordinal)
                .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                .Where(method => method.GetCustomAttribute<TestAttribute>() != null)
                .Where(method => names.Length == 0 || names.Any(name => (method.DeclaringType.Name + "." + method.Name).Contains(name)));
    }
}
