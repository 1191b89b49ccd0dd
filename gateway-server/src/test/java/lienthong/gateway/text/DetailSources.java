package lienthong.gateway.text;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The keys of details as they stand in the sources: every literal given to a parameter that the compiler accepts literals only for
 * ({@code @CompileTimeConstant}, checked by Error Prone). Parses without resolving: a call is known by its method's name, its place and the
 * class before its dot.
 */
final class DetailSources {
    /** A method that takes a key. */
    private record Maker(String file, String owner, String name, int index) {}

    private final List<Maker> makers = new ArrayList<>();
    private final Map<String, String> keys = new TreeMap<>();

    private DetailSources() {}

    /** Key to the file it was first seen in. */
    static Map<String, String> keys(Path... roots) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path root : roots) {
            try (Stream<Path> all = Files.walk(root)) {
                all.filter(file -> file.toString().endsWith(".java")).sorted().forEach(files::add);
            }
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DetailSources found = new DetailSources();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask)
                    compiler.getTask(null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(files));
            List<CompilationUnitTree> units = new ArrayList<>();
            task.parse().forEach(units::add);
            for (CompilationUnitTree unit : units) {
                found.new Makers(name(unit)).scan(unit, null);
            }
            for (CompilationUnitTree unit : units) {
                found.new Keys(name(unit)).scan(unit, null);
            }
        }
        return found.keys;
    }

    private static String name(CompilationUnitTree unit) {
        String path = unit.getSourceFile().getName();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private final class Makers extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final String file;
        private String owner = "";

        Makers(String file) {
            this.file = file;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
            String before = owner;
            owner = type.getSimpleName().toString();
            super.visitClass(type, null);
            owner = before;
            return null;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
            for (int i = 0; i < method.getParameters().size(); i++) {
                for (AnnotationTree annotation :
                        method.getParameters().get(i).getModifiers().getAnnotations()) {
                    if (annotation.getAnnotationType().toString().endsWith("CompileTimeConstant")) {
                        makers.add(new Maker(file, owner, method.getName().toString(), i));
                    }
                }
            }
            return super.visitMethod(method, null);
        }
    }

    private final class Keys extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final String file;

        Keys(String file) {
            this.file = file;
        }

        @Override
        public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void unused) {
            if (call.getMethodSelect() instanceof MemberSelectTree select) {
                String before = select.getExpression().toString();
                String last = before.substring(before.lastIndexOf('.') + 1);
                boolean isClass = !last.isEmpty() && Character.isUpperCase(last.charAt(0));
                collect(select.getIdentifier().toString(), isClass ? last : null, call.getArguments());
            } else if (call.getMethodSelect() instanceof IdentifierTree name) {
                collect(name.getName().toString(), "", call.getArguments());
            }
            return super.visitMethodInvocation(call, null);
        }

        @Override
        public @Nullable Void visitNewClass(NewClassTree made, @Nullable Void unused) {
            String type = made.getIdentifier().toString();
            collect("<init>", type.substring(type.lastIndexOf('.') + 1), made.getArguments());
            return super.visitNewClass(made, null);
        }

        /** @param owner the class before the dot; empty when the method is this file's own; null when an object stands before it */
        private void collect(String method, @Nullable String owner, List<? extends ExpressionTree> arguments) {
            for (Maker maker : makers) {
                boolean meant = maker.name.equals(method)
                        && (owner == null || (owner.isEmpty() ? maker.file.equals(file) : maker.owner.equals(owner)));
                if (meant && maker.index < arguments.size()) {
                    constant(arguments.get(maker.index)).ifPresent(key -> keys.putIfAbsent(key, file));
                }
            }
        }
    }

    private static Optional<String> constant(Tree tree) {
        if (tree instanceof LiteralTree literal && literal.getValue() instanceof String text) {
            return Optional.of(text);
        }
        if (tree instanceof ParenthesizedTree inner) {
            return constant(inner.getExpression());
        }
        if (tree instanceof BinaryTree sum && sum.getKind() == Tree.Kind.PLUS) {
            return constant(sum.getLeftOperand())
                    .flatMap(left -> constant(sum.getRightOperand()).map(right -> left + right));
        }
        return Optional.empty();
    }
}
